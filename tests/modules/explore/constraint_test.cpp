#include "sim/explore/constraint.h"

#include <gtest/gtest.h>

#include "sim/config/derived_quantity.h"
#include "sim/config/load.h"
#include "sim/run/time_estimate.h"

namespace mxsim {
namespace {

RunConfig tiny(const std::vector<Override>& overrides = {}) {
  return load_config<RunConfig>(MXSIM_ROOT "/configs/runs/tiny_cnn_train.json", overrides);
}

ConstraintConfig compared(const std::string& quantity, Relation relation, double value,
                          double tolerance = 0) {
  ConstraintConfig constraint;
  constraint.quantity = quantity;
  constraint.relation = relation;
  constraint.value = value;
  constraint.tolerance = tolerance;
  return constraint;
}

bool allows(const ConstraintConfig& constraint, const Settings& settings = {}) {
  static const RunConfig run = tiny();
  return ConstraintSet({constraint}, "sweep.json").allow(settings, run, run);
}

TEST(Constraint, EveryRelationHoldsWhereItShould) {
  struct Row {
    Relation relation;
    bool below, equal, above;
  };
  for (const Row& row :
       {Row{Relation::kLess, true, false, false}, Row{Relation::kAtMost, true, true, false},
        Row{Relation::kEqual, false, true, false}, Row{Relation::kAtLeast, false, true, true},
        Row{Relation::kMore, false, false, true}}) {
    for (const auto& [value, expected] :
         {std::pair(3, row.below), {4, row.equal}, {5, row.above}}) {
      EXPECT_EQ(allows(compared("/batch", row.relation, 4), {{"/batch", std::to_string(value)}}),
                expected);
    }
  }
}

TEST(Constraint, ToleranceIsRelative) {
  const ConstraintConfig near = compared("/batch", Relation::kEqual, 100, 0.05);
  EXPECT_TRUE(allows(near, {{"/batch", "95"}}));
  EXPECT_TRUE(allows(near, {{"/batch", "105"}}));
  EXPECT_FALSE(allows(near, {{"/batch", "94"}}));
  EXPECT_FALSE(allows(near, {{"/batch", "106"}}));
}

TEST(Constraint, AQuantityComparesWithAnotherTimesAFactor) {
  ConstraintConfig constraint;
  constraint.quantity = "/chip/array/rows";
  constraint.relation = Relation::kAtMost;
  constraint.other = "/chip/array/columns";
  constraint.factor = 2;
  const auto settings = [](const char* rows) {
    return Settings{{"/chip/array/rows", rows}, {"/chip/array/columns", "8"}};
  };
  EXPECT_TRUE(allows(constraint, settings("16")));
  EXPECT_FALSE(allows(constraint, settings("17")));
}

TEST(Constraint, BaseIsTheRunWithoutTheAxes) {
  const RunConfig base = tiny();
  const RunConfig larger = tiny({{"/chip/array/rows", "16"}});
  ConstraintConfig constraint;
  constraint.quantity = "pes";
  constraint.relation = Relation::kEqual;
  constraint.other = "base:pes";
  constraint.factor = 2;
  const ConstraintSet twice({constraint}, "");
  EXPECT_TRUE(twice.allow({}, larger, base));
  EXPECT_FALSE(twice.allow({}, base, base));
}

TEST(DerivedQuantity, FollowsFromTheConfiguration) {
  const RunConfig run = tiny();
  const auto value = [&](const char* name) { return find_quantity(name)->of(run); };
  EXPECT_EQ(value("pes"), 64);
  EXPECT_EQ(value("sram_bytes"), 3 * 16384);
  EXPECT_EQ(value("dram_bytes_per_s"), 25.6e9);
  EXPECT_GT(value("area_mm2"), value("array_mm2") + value("sram_mm2"));
  EXPECT_EQ(find_quantity("base:pes"), find_quantity("pes"));
  EXPECT_EQ(find_quantity("watts"), nullptr);
}

TEST(TimeEstimate, GrowsWithTheWork) {
  const double small = estimated_seconds(tiny());
  EXPECT_GT(small, 0);
  EXPECT_LT(small, 1);
  EXPECT_GT(estimated_seconds(tiny({{"/batch", "64"}})), small);
  EXPECT_GT(estimated_seconds(tiny({{"/fidelity", "pe"}})), small);
}

}  // namespace
}  // namespace mxsim
