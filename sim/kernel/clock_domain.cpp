#include "sim/kernel/clock_domain.h"

#include "models/core/error.h"

namespace mxsim {
namespace {

constexpr std::int64_t kPicosecondsPerSecond = 1'000'000'000'000;
__extension__ using Wide = unsigned __int128;

}  // namespace

ClockDomain::ClockDomain(std::int64_t hz) : hz_(hz) {
  ensure(hz >= 1 && hz <= kPicosecondsPerSecond, "clock frequency outside 1 Hz .. 1 THz");
}

sc_core::sc_time ClockDomain::start_of(Cycles cycle) const {
  const auto hz = static_cast<Wide>(hz_);
  const Wide scaled = static_cast<Wide>(cycle.count()) * kPicosecondsPerSecond + (hz - 1);
  return sc_core::sc_time::from_value(static_cast<sc_core::sc_time::value_type>(scaled / hz));
}

Cycles ClockDomain::cycle_at(const sc_core::sc_time& time) const {
  const Wide scaled = static_cast<Wide>(time.value()) * static_cast<Wide>(hz_);
  return Cycles(static_cast<std::int64_t>(scaled / kPicosecondsPerSecond));
}

Cycles ClockDomain::first_cycle_from(const sc_core::sc_time& time) const {
  const Cycles cycle = cycle_at(time);
  return start_of(cycle) == time ? cycle : cycle + Cycles(1);
}

sc_core::sc_time ClockDomain::until(Cycles cycle) const {
  const sc_core::sc_time start = start_of(cycle);
  const sc_core::sc_time& now = sc_core::sc_time_stamp();
  return start > now ? start - now : sc_core::SC_ZERO_TIME;
}

}  // namespace mxsim
