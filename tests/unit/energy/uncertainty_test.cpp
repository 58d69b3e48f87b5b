#include "models/energy/uncertainty.h"

#include <gtest/gtest.h>

#include "models/core/error.h"

namespace mxsim {
namespace {

Price uncertain(double value, double low, double high) { return {value, low, high, "pJ", "test"}; }

UncertainPrice priced(const std::string& name, const std::string& factor, double low, double high) {
  return UncertainPrice(name, 1).times(factor, uncertain(1, low, high));
}

EnergyBreakdown spend(const UncertainPrice& price, double energy_pj) {
  EnergyBreakdown breakdown;
  breakdown.add(Component::kPe, price, energy_pj);
  return breakdown;
}

TEST(Uncertainty, WithoutUncertainPricesTheBandIsTheValue) {
  const Band band = Uncertainty(1).energy_pj(spend(priced("a", "f", 1, 1), 42));
  EXPECT_EQ(band.value, 42);
  EXPECT_EQ(band.low, 42);
  EXPECT_EQ(band.high, 42);
}

// Triangular law from 0 over 1 to 2: the 5th percentile is sqrt(2 * 0.05), the 95th lies as far
// from the other end.
TEST(Uncertainty, OneFactorGivesThePercentilesOfTheTriangularLaw) {
  const Band band = Uncertainty(7, 20000).energy_pj(spend(priced("a", "f", 0, 2), 1));
  EXPECT_EQ(band.value, 1);
  EXPECT_NEAR(band.low, 0.3162, 0.02);
  EXPECT_NEAR(band.high, 2 - 0.3162, 0.02);
}

TEST(Uncertainty, AFactorThatBothRunsShareCancelsInTheSaving) {
  const EnergyBreakdown run = spend(priced("a", "shared", 0.5, 1.5), 75);
  const EnergyBreakdown baseline = spend(priced("b", "shared", 0.5, 1.5), 100);
  const Band band = Uncertainty(1).saving(run, baseline);
  EXPECT_DOUBLE_EQ(band.value, 0.25);
  EXPECT_NEAR(band.low, 0.25, 1e-12);
  EXPECT_NEAR(band.high, 0.25, 1e-12);
}

TEST(Uncertainty, FactorsOfDifferentNamesDoNotCancel) {
  const EnergyBreakdown run = spend(priced("a", "mine", 0.5, 1.5), 75);
  const EnergyBreakdown baseline = spend(priced("b", "other", 0.5, 1.5), 100);
  const Band band = Uncertainty(1).saving(run, baseline);
  EXPECT_LT(band.low, 0.0);
  EXPECT_GT(band.high, 0.45);
}

TEST(Uncertainty, TheSameSeedGivesTheSameBandAndAnotherSeedAnother) {
  const EnergyBreakdown run = spend(priced("a", "f", 0.2, 3), 1);
  EXPECT_EQ(Uncertainty(5).energy_pj(run).low, Uncertainty(5).energy_pj(run).low);
  EXPECT_NE(Uncertainty(5).energy_pj(run).low, Uncertainty(6).energy_pj(run).low);
}

TEST(Uncertainty, TheOrderInWhichEnergyIsAddedDoesNotChangeTheBand) {
  const UncertainPrice a = priced("a", "f", 0.2, 3);
  const UncertainPrice b = priced("b", "g", 0.5, 2);
  EnergyBreakdown forward = spend(a, 3);
  forward.add(Component::kDram, b, 5);
  EnergyBreakdown backward;
  backward.add(Component::kDram, b, 5);
  backward += spend(a, 3);
  EXPECT_EQ(Uncertainty(1).energy_pj(forward).high, Uncertainty(1).energy_pj(backward).high);
  EXPECT_EQ(forward.total_pj(), backward.total_pj());
}

TEST(Uncertainty, TwoPricesOfOneNameAreRefused) {
  EnergyBreakdown breakdown = spend(priced("a", "f", 0.2, 3), 1);
  EXPECT_THROW(breakdown.add(Component::kPe, priced("a", "g", 0.2, 3), 1), InternalError);
  EXPECT_THROW(breakdown.add(Component::kDram, priced("a", "f", 0.2, 3), 1), InternalError);
}

TEST(WithFactor, HoldsOneFactorAndLeavesTheOthersUncertain) {
  EnergyBreakdown run = spend(priced("a", "held", 0.5, 1.5), 10);
  run.add(Component::kDram, priced("b", "other", 0.5, 1.5), 50);
  const EnergyBreakdown held = with_factor(run, "held", 1.5);
  EXPECT_DOUBLE_EQ(held.total_pj(), 65);
  EXPECT_TRUE(held.terms().at("a").price.factors().empty());
  EXPECT_EQ(held.terms().at("b").price, run.terms().at("b").price);
  EXPECT_EQ(with_factor(run, "unknown", 7).total_pj(), run.total_pj());
}

TEST(Sensitivity, ListsEveryFactorByTheSavingItMoves) {
  EnergyBreakdown run = spend(priced("pe run", "pe", 0.5, 1.5), 10);
  run.add(Component::kDram, priced("dram", "dram", 0.9, 1.1), 50);
  EnergyBreakdown baseline = spend(priced("pe base", "pe", 0.5, 1.5), 50);
  baseline.add(Component::kDram, priced("dram", "dram", 0.9, 1.1), 50);
  const std::vector<Sensitivity> rows = sensitivity(run, baseline);
  ASSERT_EQ(rows.size(), 2u);
  EXPECT_EQ(rows[0].factor.name, "pe");
  EXPECT_DOUBLE_EQ(rows[0].saving, 0.4);
  EXPECT_DOUBLE_EQ(rows[0].saving_at_low, 1 - 55.0 / 75);
  EXPECT_DOUBLE_EQ(rows[0].saving_at_high, 1 - 65.0 / 125);
  EXPECT_LT(rows[1].effect(), rows[0].effect());
}

}  // namespace
}  // namespace mxsim
