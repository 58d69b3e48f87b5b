// Training steps of a small CNN and a small transformer for every pair of optimizer, policy and
// recipe: the two fidelities agree in cycles, events and bits, and the prediction equals the
// simulation on an ideal memory. The Long suite has every triple.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "models/core/error.h"
#include "models/workload/lower.h"
#include "sim/config/choices.h"
#include "sim/config/load.h"
#include "sim/config/recipes.h"
#include "sim/config/run_config.h"
#include "sim/run/simulation.h"
#include "tests/support/predicted_run.h"
#include "tests/support/same_fidelities.h"

namespace mxsim {
namespace {

constexpr std::array kOptimizers{Optimizer::kSgd,  Optimizer::kSgdMomentum, Optimizer::kSgdNesterov,
                                 Optimizer::kAdam, Optimizer::kAdamW,       Optimizer::kAdafactor,
                                 Optimizer::kLion};
static_assert(kOptimizers.size() == static_cast<std::size_t>(Optimizer::kLion) + 1);
constexpr std::array kPolicies{TransposePolicy::kReuse, TransposePolicy::kDual,
                               TransposePolicy::kRequantize, TransposePolicy::kRequantizeOnLoad,
                               TransposePolicy::kWideCopy};

// kAuto stands for one of the others.
static_assert(kPolicies.size() + 1 == kTransposePolicyNames.size());

RunConfig configured(const std::string& network) {
  return load_config<RunConfig>(
      MXSIM_ROOT "/configs/runs/" + network + "_train.json",
      {{"/chip/dram/device", MXSIM_ROOT "/configs/dram/ideal-25.6GBs.json"}});
}

/// The step's work, or nothing where the recipe's blocks rule the policy out.
std::optional<OpList> work(RunConfig config, Optimizer optimizer, TransposePolicy policy,
                           const Recipe& recipe) {
  config.training.optimizer = optimizer;
  config.formats = with_recipe(config.formats, std::string(recipe.name));
  config.formats.transpose = policy;
  try {
    return lower(config.workload, lowering_policy(config));
  } catch (const InputError&) {
    return std::nullopt;
  }
}

void expect_the_same_everywhere(const RunConfig& config, const OpList& ops) {
  const DramDevice dram = dram_device(config.chip.dram);
  testing::expect_predicted(testing::expect_same_fidelities({ops, config.chip, dram}), ops);
}

/// Which policies a recipe's blocks permit. Every one is permitted to some recipe, and every recipe
/// has some.
std::vector<TransposePolicy> permitted(const RunConfig& config, const Recipe& recipe) {
  std::vector<TransposePolicy> policies;
  for (const TransposePolicy policy : kPolicies) {
    if (work(config, Optimizer::kSgd, policy, recipe)) policies.push_back(policy);
  }
  return policies;
}

/// The one that optimizer number `optimizer` meets in the pairs of recipe number `recipe`.
TransposePolicy met(const std::vector<TransposePolicy>& policies, std::size_t optimizer,
                    std::size_t recipe) {
  return policies[(optimizer + recipe) % policies.size()];
}

class TrainingPairs : public ::testing::TestWithParam<std::tuple<const char*, std::size_t>> {};

// Seven optimizers meet the permitted policies of each recipe in turn, so every pair occurs.
TEST_P(TrainingPairs, AreTheSameInBothFidelitiesAndPredicted) {
  const auto& [network, number] = GetParam();
  const Recipe& recipe = all_recipes()[number];
  const RunConfig config = configured(network);
  const std::vector<TransposePolicy> policies = permitted(config, recipe);
  ASSERT_GE(policies.size(), 3u) << recipe.name;
  for (std::size_t i = 0; i < kOptimizers.size(); ++i) {
    const TransposePolicy policy = met(policies, i, number);
    SCOPED_TRACE(std::to_string(i) + " " + std::string(choice_name(policy, kTransposePolicyNames)));
    const std::optional<OpList> ops = work(config, kOptimizers[i], policy, recipe);
    ASSERT_TRUE(ops);
    expect_the_same_everywhere(config, *ops);
  }
}

std::string name_of(const ::testing::TestParamInfo<std::tuple<const char*, std::size_t>>& each) {
  std::string name = std::string(std::get<0>(each.param)) + "_" +
                     std::string(all_recipes()[std::get<1>(each.param)].name);
  std::replace(name.begin(), name.end(), '-', '_');
  return name;
}

INSTANTIATE_TEST_SUITE_P(Each, TrainingPairs,
                         ::testing::Combine(::testing::Values("tiny_cnn", "tiny_vit"),
                                            ::testing::Range<std::size_t>(0, all_recipes().size())),
                         name_of);

TEST(TrainingPolicy, IsPermittedToSomeRecipe) {
  const RunConfig config = configured("tiny_cnn");
  std::vector<TransposePolicy> all;
  for (const Recipe& recipe : all_recipes()) {
    for (const TransposePolicy policy : permitted(config, recipe)) all.push_back(policy);
  }
  for (const TransposePolicy policy : kPolicies) {
    EXPECT_NE(std::find(all.begin(), all.end(), policy), all.end())
        << std::string(choice_name(policy, kTransposePolicyNames));
  }
}

TEST(TrainingPairs, HaveEveryOptimizerWithEveryPolicyAndRecipeAndEveryRecipeWithItsPolicies) {
  for (const char* network : {"tiny_cnn", "tiny_vit"}) {
    const RunConfig config = configured(network);
    std::set<std::pair<Optimizer, TransposePolicy>> pairs;
    for (std::size_t number = 0; number < all_recipes().size(); ++number) {
      const std::vector<TransposePolicy> policies = permitted(config, all_recipes()[number]);
      std::set<TransposePolicy> of_recipe;
      for (std::size_t i = 0; i < kOptimizers.size(); ++i) {
        const TransposePolicy policy = met(policies, i, number);
        pairs.insert({kOptimizers[i], policy});
        of_recipe.insert(policy);
      }
      EXPECT_EQ(of_recipe.size(), policies.size()) << all_recipes()[number].name;
    }
    EXPECT_EQ(pairs.size(), kOptimizers.size() * kPolicies.size()) << network;
  }
}

class TrainingTriples : public TrainingPairs {};

TEST_P(TrainingTriples, AreTheSameInBothFidelitiesAndPredicted) {
  const auto& [network, number] = GetParam();
  const RunConfig config = configured(network);
  for (const TransposePolicy policy : permitted(config, all_recipes()[number])) {
    for (const Optimizer optimizer : kOptimizers) {
      SCOPED_TRACE(std::string(choice_name(policy, kTransposePolicyNames)));
      expect_the_same_everywhere(config, *work(config, optimizer, policy, all_recipes()[number]));
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Long, TrainingTriples,
                         ::testing::Combine(::testing::Values("tiny_cnn", "tiny_vit"),
                                            ::testing::Range<std::size_t>(0, all_recipes().size())),
                         name_of);

}  // namespace
}  // namespace mxsim
