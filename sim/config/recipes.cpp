#include "sim/config/recipes.h"

#include <algorithm>
#include <array>
#include <utility>

#include "models/core/did_you_mean.h"
#include "models/core/error.h"
#include "models/formats/format_table.h"
#include "sim/config/format_config.h"
#include "sim/config/load.h"

namespace mxsim {
namespace {

constexpr std::array<Recipe, 12> kRecipes{{
    {"mxfp8-e4m3", "arXiv 2506.08027", "E4M3 for every operand, scales rounded up",
     "mxfp8_e4m3:up:32", "[]"},
    {"e4m3-e5m2", "arXiv 2209.05433, with the block scales of OCP MX v1.0",
     "hybrid FP8: E4M3 forward, E5M2 gradients", "mxfp8_e4m3:32",
     R"([{"layers": ".*", "gradients": "mxfp8_e5m2:32"}])"},
    {"mxfp6-all", "arXiv 2310.10537", "E3M2 for every operand", "mxfp6_e3m2:32", "[]"},
    {"mxfp4-w-mxfp6", "arXiv 2310.10537", "E2M1 weights, E3M2 activations and gradients",
     "mxfp6_e3m2:32", R"([{"layers": ".*", "weights": "mxfp4_e2m1:32"}])"},
    {"nvfp4", "arXiv 2509.25149",
     "E2M1 in blocks of 16, weights in 16x16 tiles, gradients rounded stochastically, operands of "
     "weight gradients transformed (Hadamard, 16 points); first and last layer and products of two "
     "activations in BF16",
     "nvfp4:16",
     R"([{"layers": "@first", "weights": "bf16", "activations": "bf16", "gradients": "bf16"},
         {"layers": "@last", "weights": "bf16", "activations": "bf16", "gradients": "bf16"},
         {"layers": "@op:matmul", "weights": "bf16", "activations": "bf16", "gradients": "bf16"},
         {"layers": ".*", "passes": ["backward_weight"], "activations": "nvfp4:16:hadamard=16",
          "gradients": "nvfp4:16:rounding=sr:hadamard=16"},
         {"layers": ".*", "weights": "nvfp4:16x16", "gradients": "nvfp4:16:rounding=sr"}])"},
    {"mxsf", "arXiv 2605.24391", "MXSF in 8x8 tiles for every operand", "mxsf:8x8", "[]"},
    {"first-last-bf16", "arXiv 1606.06160", "first and last layer in BF16, the others as stated",
     "",
     R"([{"layers": "@first", "weights": "bf16", "activations": "bf16", "gradients": "bf16"},
         {"layers": "@last", "weights": "bf16", "activations": "bf16", "gradients": "bf16"}])"},
    {"w8a8-fp", "arXiv 2408.06995", "E4M3 with a scale a tensor for weights and activations",
     "e4m3fin,float32", "[]"},
    {"w4a8-fp", "arXiv 2408.06995", "E2M1 weights, E4M3 activations, with a scale a tensor",
     "e4m3fin,float32", R"([{"layers": ".*", "weights": "e2m1fin,float32"}])"},
    {"w8a8-int", "arXiv 2408.06995", "integers of 8 bits with a scale a tensor", "int8,float32",
     "[]"},
    {"w4a8-int", "arXiv 2408.06995",
     "integers of 4 bits for weights and 8 for activations, with a scale a tensor", "int8,float32",
     R"([{"layers": ".*", "weights": "int4,float32"}])"},
    {"fqt-1bit", "arXiv 2408.14267",
     "one bit for every operand, weights with a scale a channel, gradients rounded stochastically "
     "(bit planes of pruned gradients: train --fqt); first and last layer in BF16",
     "binary",
     R"([{"layers": "@first", "weights": "bf16", "activations": "bf16", "gradients": "bf16"},
         {"layers": "@last", "weights": "bf16", "activations": "bf16", "gradients": "bf16"},
         {"layers": ".*", "passes": ["backward_data"], "gradients": "binary:rounding=sr"},
         {"layers": ".*", "passes": ["backward_weight"],
          "gradients": "binary,float32_t0:rounding=sr"},
         {"layers": ".*", "weights": "binary,float32_t0"}])"},
}};

}  // namespace

std::span<const Recipe> all_recipes() { return kRecipes; }

std::vector<std::string> recipe_names() {
  std::vector<std::string> names;
  for (const Recipe& recipe : kRecipes) names.emplace_back(recipe.name);
  return names;
}

const Recipe& recipe_named(const std::string& name, std::string_view option) {
  const auto* recipe = std::find_if(kRecipes.begin(), kRecipes.end(),
                                    [&](const Recipe& each) { return each.name == name; });
  if (recipe != kRecipes.end()) return *recipe;
  std::string known;
  for (const Recipe& each : kRecipes) known += (known.empty() ? "" : ", ") + std::string(each.name);
  throw InputError((option.empty() ? "" : std::string(option) + ": ") + "got \"" + name +
                   "\", expected one of " + known + did_you_mean(name, recipe_names()));
}

FormatPolicy with_recipe(FormatPolicy policy, const std::string& name) {
  const Recipe& recipe = recipe_named(name);
  if (!recipe.format.empty()) policy.format = parse_format(recipe.format);
  const std::string text = R"({"overrides": )" + std::string(recipe.overrides) + "}";
  for (FormatOverride& each : load_config<FormatPolicy>(Document::parse(text, name)).overrides) {
    each.may_match_none = true;
    policy.overrides.push_back(std::move(each));
  }
  policy.recipe = name;
  return policy;
}

}  // namespace mxsim
