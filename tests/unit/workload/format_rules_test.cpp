#include "models/workload/format_rules.h"

#include <gtest/gtest.h>

#include "models/formats/format_table.h"
#include "models/workload/lower.h"
#include "tests/support/diagnostics.h"
#include "tests/support/small_graphs.h"

namespace mxsim {
namespace {

using Lines = std::vector<std::string>;

LoweringPolicy mxsf_policy() {
  LoweringPolicy policy;
  policy.batch = 16;
  policy.wide = parse_format("bf16");
  policy.formats.format = parse_format("mxsf");
  return policy;
}

FormatOverride all_in(const std::string& layers, const std::string& format) {
  FormatOverride override;
  override.layers = layers;
  override.weights = override.activations = override.gradients = parse_format(format);
  return override;
}

/// "a x b" of the GEMM of a layer and pass.
std::string multiplied(const OpList& list, const std::string& layer, Pass pass) {
  for (const OpGroup& group : list.groups) {
    if (group.layer != layer || group.pass != pass || group.gemms.empty()) continue;
    return group.gemms[0].format_a.name + " x " + group.gemms[0].format_b.name;
  }
  return "";
}

TEST(FormatRules, TheFirstMatchingOverrideDecidesForWholeNames) {
  LoweringPolicy policy = mxsf_policy();
  policy.formats.overrides = {all_in("fc1|head", "bf16"), all_in("fc.*", "mxfp8_e4m3")};
  policy.formats.block = BlockShape{8, 8};
  const OpList list = lower(mlp({16, 16, 16}), policy);
  EXPECT_EQ(multiplied(list, "fc1", Pass::kForward), "bf16 x bf16");
  EXPECT_EQ(multiplied(list, "fc2", Pass::kForward), "mxfp8_e4m3 x mxfp8_e4m3");
  policy.formats.overrides = {all_in("c", "bf16")};
  EXPECT_EQ(fault_lines([&] {
              lower(mlp({16, 16}), policy);
            }),
            Lines{"/formats/overrides/0/layers: \"c\" matches no layer"});
}

TEST(FormatRules, RolesNotNamedByTheOverrideKeepTheDefault) {
  LoweringPolicy policy = mxsf_policy();
  FormatOverride weights_only;
  weights_only.layers = "fc2";
  weights_only.weights = parse_format("bf16");
  policy.formats.overrides = {weights_only};
  const OpList list = lower(mlp({16, 16, 16}), policy);
  EXPECT_EQ(multiplied(list, "fc2", Pass::kForward), "mxsf x bf16");
  EXPECT_EQ(multiplied(list, "fc2", Pass::kBackwardData), "mxsf x bf16");
  EXPECT_EQ(multiplied(list, "fc2", Pass::kBackwardWeight), "mxsf x mxsf");
}

TEST(FormatRules, AnOverrideMayHoldForOnePassOnly) {
  LoweringPolicy policy = mxsf_policy();
  FormatOverride gradients = all_in(".*", "mxfp8_e5m2");
  gradients.passes = {Pass::kBackwardData};
  policy.formats.overrides = {gradients};
  policy.formats.block = BlockShape{8, 8};
  const OpList list = lower(mlp({16, 16, 16}), policy);
  EXPECT_EQ(multiplied(list, "fc2", Pass::kForward), "mxsf x mxsf");
  EXPECT_EQ(multiplied(list, "fc2", Pass::kBackwardData), "mxfp8_e5m2 x mxfp8_e5m2");
  EXPECT_EQ(multiplied(list, "fc2", Pass::kBackwardWeight), "mxsf x mxsf");
}

TEST(FormatRules, PatternsThatBacktrackForeverOrDeeplyEnd) {
  LoweringPolicy policy = mxsf_policy();
  Graph graph = mlp({16, 16});
  graph.layers[0].name = std::string(50000, 'a');
  policy.formats.overrides = {all_in("(a*)*b", "bf16")};
  EXPECT_EQ(fault_lines([&] { lower(graph, policy); }),
            Lines{"/formats/overrides/0/layers: \"(a*)*b\" matches no layer"});
  policy.formats.overrides = {all_in("(a|aa)*", "bf16")};
  EXPECT_EQ(multiplied(lower(graph, policy), graph.layers[0].name, Pass::kForward), "bf16 x bf16");
}

TEST(FormatRules, EveryOverrideMustMatchALayer) {
  LoweringPolicy policy = mxsf_policy();
  policy.formats.overrides = {all_in("fc1", "bf16"), all_in("con1", "bf16"), all_in("(", "bf16")};
  EXPECT_EQ(fault_lines([&] {
              lower(mlp({16, 16}), policy);
            }),
            (Lines{"/formats/overrides/1/layers: \"con1\" matches no layer",
                   "/formats/overrides/2/layers: \"(\" is no regular expression: missing )"}));
}

}  // namespace
}  // namespace mxsim
