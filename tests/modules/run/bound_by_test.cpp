#include <gtest/gtest.h>

#include "sim/run/run_report.h"

namespace mxsim {
namespace {

using Activities = std::array<UnitActivity, kUnitCount>;

UnitActivity& of(Activities& activities, Unit unit) {
  return activities[static_cast<std::size_t>(unit)];
}

TEST(BoundBy, IsTheResourceThatIsOccupiedForMostOfTheTime) {
  Activities activities;
  of(activities, Unit::kArray).busy = Cycles(60);
  of(activities, Unit::kVector).busy = Cycles(50);
  EXPECT_EQ(bound_by(activities, Cycles(100)), "compute");
  of(activities, Unit::kDmaWrite).stalled[StallCause::kDram] = Cycles(70);
  EXPECT_EQ(bound_by(activities, Cycles(100)), "dram");
  of(activities, Unit::kDmaRead).busy = Cycles(80);
  EXPECT_EQ(bound_by(activities, Cycles(100)), "dma");
  of(activities, Unit::kRequant).stalled[StallCause::kBankConflict] = Cycles(90);
  EXPECT_EQ(bound_by(activities, Cycles(100)), "bank_conflict");
}

TEST(BoundBy, IsTheLargestCauseOfWaitingWhenNoResourceIsOccupiedForHalfOfTheTime) {
  Activities activities;
  of(activities, Unit::kArray).busy = Cycles(20);
  of(activities, Unit::kArray).stalled[StallCause::kDependency] = Cycles(45);
  of(activities, Unit::kArray).stalled[StallCause::kDram] = Cycles(20);
  of(activities, Unit::kArray).idle = Cycles(15);
  EXPECT_EQ(bound_by(activities, Cycles(100)), "dependency");
  of(activities, Unit::kArray).idle = Cycles(60);
  EXPECT_EQ(bound_by(activities, Cycles(145)), "latency");
}

TEST(BoundBy, LooksAtTheVectorUnitWhereNothingIsMultiplied) {
  Activities activities;
  of(activities, Unit::kVector).busy = Cycles(30);
  of(activities, Unit::kVector).stalled[StallCause::kAccumulator] = Cycles(40);
  of(activities, Unit::kVector).idle = Cycles(30);
  EXPECT_EQ(bound_by(activities, Cycles(100)), "accumulator");
}

}  // namespace
}  // namespace mxsim
