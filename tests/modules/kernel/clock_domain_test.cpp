#include "sim/kernel/clock_domain.h"

#include <gtest/gtest.h>

namespace mxsim {
namespace {

TEST(ClockDomain, CyclesAndTimesAreInverseAtFrequenciesThatDivideNoPicosecond) {
  for (const std::int64_t hz :
       {500'000'000L, 1'400'000'000L, 1'600'000'000L, 333'333'333L, 999'999'937L}) {
    const ClockDomain clock(hz);
    for (const std::int64_t cycle : {0L, 1L, 2L, 3L, 999'999'999L, 1'000'000'000'000L}) {
      const sc_core::sc_time start = clock.start_of(Cycles(cycle));
      EXPECT_EQ(clock.cycle_at(start).count(), cycle) << hz;
      EXPECT_EQ(clock.first_cycle_from(start).count(), cycle) << hz;
    }
  }
}

TEST(ClockDomain, ABillionCyclesAt1400MegahertzDriftByLessThanAPicosecond) {
  const ClockDomain clock(1'400'000'000);
  EXPECT_EQ(clock.start_of(Cycles(1'400'000'000)).value(), 1'000'000'000'000u);
}

TEST(ClockDomain, ATimeInsideACycleRoundsUpToTheNextOne) {
  const ClockDomain clock(500'000'000);
  EXPECT_EQ(clock.cycle_at(sc_core::sc_time::from_value(2001)).count(), 1);
  EXPECT_EQ(clock.first_cycle_from(sc_core::sc_time::from_value(2001)).count(), 2);
}

}  // namespace
}  // namespace mxsim
