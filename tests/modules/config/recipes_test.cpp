#include "sim/config/recipes.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <tuple>

#include "models/workload/lower.h"
#include "sim/config/load.h"
#include "sim/config/run_config.h"
#include "tests/support/diagnostics.h"

namespace mxsim {
namespace {

using Lines = std::vector<std::string>;

OpList lowered(const std::string& network, const std::string& recipe) {
  const auto config =
      load_config<RunConfig>(MXSIM_ROOT "/configs/runs/" + network + "_train.json",
                             {{"/formats", R"({"recipe": ")" + recipe + R"(", "default": ")" +
                                               std::string(recipe_named(recipe).format) + "\"}"}});
  return lower(config.workload, lowering_policy(config));
}

/// Formats and blocks of the operands that GEMMs of a layer multiply, "w", "a" and "g" by role.
std::set<std::string> operands(const OpList& ops, const std::string& layer) {
  std::set<std::string> all;
  const auto note = [&](TensorRole role, const FormatSpec& format, BlockShape block) {
    const std::string by = role == TensorRole::kWeight     ? "w "
                           : role == TensorRole::kGradient ? "g "
                                                           : "a ";
    const std::int64_t longer = std::max(block.rows, block.cols);
    const bool tile = block.rows > 1 && block.cols > 1;
    all.insert(by + format.name +
               (longer == 1 ? "" : (tile ? " tile " : " line ") + std::to_string(longer)));
  };
  for (const OpGroup& group : ops.groups) {
    if (group.layer != layer) continue;
    for (const GemmWork& work : group.gemms) {
      note(work.role_a, work.format_a, work.block_a);
      note(work.role_b, work.format_b, work.block_b);
    }
  }
  return all;
}

using Formats = std::set<std::string>;

TEST(Recipes, FormatsOfEachRoleInAnInnerLinearLayer) {
  const std::map<std::string, Formats> expected{
      {"mxfp8-e4m3",
       {"w mxfp8_e4m3:up:1x32 line 32", "a mxfp8_e4m3:up:1x32 line 32",
        "g mxfp8_e4m3:up:1x32 line 32"}},
      {"e4m3-e5m2",
       {"w mxfp8_e4m3:1x32 line 32", "a mxfp8_e4m3:1x32 line 32", "g mxfp8_e5m2:1x32 line 32"}},
      {"mxfp6-all",
       {"w mxfp6_e3m2:1x32 line 32", "a mxfp6_e3m2:1x32 line 32", "g mxfp6_e3m2:1x32 line 32"}},
      {"mxfp4-w-mxfp6",
       {"w mxfp4_e2m1:1x32 line 32", "a mxfp6_e3m2:1x32 line 32", "g mxfp6_e3m2:1x32 line 32"}},
      {"nvfp4",
       {"w nvfp4:16x16 tile 16", "a nvfp4:1x16 line 16", "a nvfp4:hadamard=16:1x16 line 16",
        "g nvfp4:rounding=sr:1x16 line 16", "g nvfp4:rounding=sr:hadamard=16:1x16 line 16"}},
      {"mxsf", {"w mxsf:8x8 tile 8", "a mxsf:8x8 tile 8", "g mxsf:8x8 tile 8"}}};
  for (const auto& [recipe, formats] : expected) {
    EXPECT_EQ(operands(lowered("tiny_vit", recipe), "blocks.0.fc1"), formats) << recipe;
  }
}

TEST(Recipes, KeepWhatTheirSourcesKeepInBf16) {
  const Formats wide{"w bf16", "a bf16", "g bf16"};
  const OpList ops = lowered("tiny_vit", "nvfp4");
  EXPECT_EQ(operands(ops, "patch_embed"), wide);
  EXPECT_EQ(operands(ops, "head"), wide);
  EXPECT_EQ(operands(ops, "blocks.0.attn.scores"), (Formats{"a bf16", "g bf16"}));
}

// A network without attention: nothing of a recipe need match. Windows shift one operand: no
// transform of both would cancel.
TEST(Recipes, SayNothingOfKindsThatANetworkDoesNotHave) {
  EXPECT_EQ(operands(lowered("tiny_cnn", "nvfp4"), "layer1.0.conv1"),
            (Formats{"w nvfp4:16x16 tile 16", "a nvfp4:1x16 line 16",
                     "g nvfp4:rounding=sr:1x16 line 16"}));
}

RunConfig vit(const std::vector<Override>& sets) {
  return load_config<RunConfig>(MXSIM_ROOT "/configs/runs/tiny_vit_train.json", sets);
}

TEST(Recipes, StatedOverridesComeFirstAndAStatedDefaultReplacesTheirs) {
  const RunConfig config =
      vit({{"/formats/recipe", "first-last-bf16"},
           {"/formats/default", "mxint8"},
           {"/formats/overrides", R"([{"layers": "head", "weights": "fp16"}])"}});
  EXPECT_EQ(config.formats.format.name, "mxint8");
  const OpList ops = lower(config.workload, lowering_policy(config));
  EXPECT_TRUE(operands(ops, "head").contains("w fp16"));
  EXPECT_TRUE(operands(ops, "patch_embed").contains("w bf16"));
  EXPECT_TRUE(operands(ops, "blocks.1.fc2").contains("w mxint8 line 32"));
}

TEST(Recipes, SelectorsThatMatchNothingAreFaultsOfTheirWriter) {
  EXPECT_EQ(fault_lines([] {
              vit({{"/formats/overrides", R"([{"layers": "@op:conv3d", "weights": "bf16"}])"}});
            }),
            Lines{"--set: /formats/overrides/0/layers: \"@op:conv3d\" matches no layer"});
}

TEST(Recipes, AnUnknownOneIsAnsweredWithTheKnown) {
  EXPECT_EQ(fault_lines([] { recipe_named("nvfp5", "--recipe"); }),
            Lines{"--recipe: got \"nvfp5\", expected one of mxfp8-e4m3, e4m3-e5m2, mxfp6-all, "
                  "mxfp4-w-mxfp6, nvfp4, mxsf, first-last-bf16, w8a8-fp, w4a8-fp, "
                  "w8a8-int, w4a8-int, fqt-1bit, did you mean \"nvfp4\"?"});
}

}  // namespace
}  // namespace mxsim
