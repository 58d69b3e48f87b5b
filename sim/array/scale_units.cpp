#include "sim/array/scale_units.h"

#include <algorithm>
#include <bit>

#include "models/core/error.h"
#include "models/dataflow/scale_units.h"

namespace mxsim {

// Passes begin at least a step apart and cross the array within its rows' and columns' delays.
ScaleUnits::ScaleUnits(const ArraySpec& spec)
    : cols_(spec.cols),
      pes_per_unit_(spec.pes_per_scale_unit),
      unit_rows_(scale_unit_rows(spec)),
      in_flight_(std::bit_ceil(
          static_cast<std::size_t>(spec.rows * spec.mac_latency_cycles * 2 + spec.cols + 2))) {
  constexpr std::size_t kMostInFlight = std::size_t{1} << 16;
  if (in_flight_.size() <= kMostInFlight) return;
  throw InputError({{"", "/chip/array/mac_latency_cycles",
                     "fidelity pe tells 65536 passes in flight apart; these rows and this latency "
                     "can have more"}});
}

void ScaleUnits::begin_pass(std::int64_t cycles) {
  Pass& oldest = in_flight_[static_cast<std::size_t>(passes_) % in_flight_.size()];
  finished_stall_ += excess(oldest);
  oldest.cycles = cycles;
  oldest.sums.assign(static_cast<std::size_t>(cols_ * unit_rows_), 0);
  ++passes_;
}

Cycles ScaleUnits::stall() const {
  std::int64_t stall = finished_stall_;
  for (const Pass& pass : in_flight_) stall += excess(pass);
  return Cycles(stall);
}

std::int64_t ScaleUnits::excess(const Pass& pass) {
  if (pass.sums.empty()) return 0;
  const auto most =
      static_cast<std::int64_t>(*std::max_element(pass.sums.begin(), pass.sums.end()));
  return std::max<std::int64_t>(0, most - pass.cycles);
}

}  // namespace mxsim
