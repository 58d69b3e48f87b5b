#include "models/energy/power_profile.h"

#include <gtest/gtest.h>

namespace mxsim {
namespace {

constexpr double kPicojoulesPerJoule = 1e12;

EnergySpan joules(double begin_s, double end_s, double energy_j) {
  return {begin_s, end_s, energy_j * kPicojoulesPerJoule};
}

TEST(PeakPower, OfOneSpanIsItsEnergyOverItsLength) {
  EXPECT_DOUBLE_EQ(peak_power_w({joules(1, 3, 10)}), 5);
}

TEST(PeakPower, OfSpansOneAfterAnotherIsThatOfTheHighest) {
  EXPECT_DOUBLE_EQ(peak_power_w({joules(0, 1, 2), joules(1, 2, 7), joules(2, 4, 4)}), 7);
}

TEST(PeakPower, AddsUpWhileSpansOverlap) {
  EXPECT_DOUBLE_EQ(peak_power_w({joules(0, 4, 8), joules(3, 5, 2), joules(4, 8, 10)}), 3.5);
  EXPECT_DOUBLE_EQ(peak_power_w({joules(4, 8, 10), joules(3, 5, 2), joules(0, 4, 8)}), 3.5);
}

TEST(PeakPower, IsNeverBelowTheAverage) {
  const std::vector<EnergySpan> spans{joules(0, 2, 3), joules(1, 6, 9), joules(5, 7, 1)};
  EXPECT_GE(peak_power_w(spans), 13.0 / 7);
}

TEST(PeakPower, IsZeroWithoutSpansOfAnyLength) {
  EXPECT_EQ(peak_power_w({}), 0);
  EXPECT_EQ(peak_power_w({joules(1, 1, 0)}), 0);
}

}  // namespace
}  // namespace mxsim
