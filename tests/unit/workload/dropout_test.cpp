#include <gtest/gtest.h>

#include <cmath>
#include <map>
#include <numeric>
#include <string>
#include <utility>
#include <vector>

#include "models/energy/work_formats.h"
#include "models/formats/format_table.h"
#include "models/workload/lower.h"
#include "models/workload/shaped_graph.h"
#include "models/workload/training_graph.h"
#include "tests/support/diagnostics.h"
#include "tests/support/small_graphs.h"

namespace mxsim {
namespace {

constexpr std::int64_t kTokens = 64;
constexpr std::int64_t kWidth = 96;

Graph with_dropout(double rate) {
  Graph graph = GraphBuilder({kWidth})
                    .layer("fc1", "linear", {"image"}, {{"out_features", {kWidth}}})
                    .layer("drop", "dropout", {"fc1"})
                    .layer("fc2", "linear", {"drop"}, {{"out_features", {kWidth}}})
                    .layer("loss", "cross_entropy", {"fc2"})
                    .build();
  graph.layers[1].constants = {{"rate", rate}};
  return graph;
}

OpList lowered(const Graph& graph, Mode mode, std::vector<std::string> recompute = {}) {
  LoweringPolicy policy;
  policy.mode = mode;
  policy.batch = kTokens;
  policy.wide = policy.formats.format = parse_format("bf16");
  policy.training.recompute = std::move(recompute);
  return lower(graph, policy);
}

std::map<Event, std::int64_t> operations(const OpList& list) {
  std::map<Event, std::int64_t> sum;
  for (const OpGroup& group : list.groups) {
    for (const VectorOps& ops : group.vector_ops) {
      sum[ops.op] += ops.per_element * group.elements();
    }
  }
  return sum;
}

std::int64_t mask_bytes(const OpList& list) {
  std::int64_t bytes = 0;
  for (const StoredTensor& tensor : list.tensors) {
    if (tensor.name.starts_with("drop.mask")) bytes += tensor.bytes().count();
  }
  return bytes;
}

TEST(Dropout, DrawsAWordAndKeepsABitAnElement) {
  const OpList list = lowered(with_dropout(0.1), Mode::kTrain);
  EXPECT_EQ(operations(list)[Event::kRandomDraws], kTokens * kWidth);
  EXPECT_EQ(mask_bytes(list), kTokens * kWidth / 8);
}

TEST(Dropout, CostsThreeComparisonsAndTwoProductsAnElementOfAStep) {
  Graph without = with_dropout(0.1);
  without.layers.erase(without.layers.begin() + 1);
  without.layers[1].inputs = {"fc1"};
  std::map<Event, std::int64_t> with = operations(lowered(with_dropout(0.1), Mode::kTrain));
  std::map<Event, std::int64_t> plain = operations(lowered(without, Mode::kTrain));
  constexpr std::int64_t kElements = kTokens * kWidth;
  EXPECT_EQ(with[Event::kVectorCompare] - plain[Event::kVectorCompare], 3 * kElements);
  EXPECT_EQ(with[Event::kVectorMul] - plain[Event::kVectorMul], 2 * kElements);
  EXPECT_EQ(with[Event::kVectorAdd], plain[Event::kVectorAdd]);
}

TEST(Dropout, NeedsVectorLanesThatDrawWords) {
  for (const Mode mode : {Mode::kTrain, Mode::kInfer}) {
    const std::vector<WorkFormats> in_use = formats_in_use(lowered(with_dropout(0.1), mode));
    for (const WorkFormats& work : in_use) EXPECT_EQ(work.vector_draws, mode == Mode::kTrain);
  }
}

TEST(Dropout, IsNothingInInference) {
  const OpList list = lowered(with_dropout(0.5), Mode::kInfer);
  EXPECT_EQ(operations(list)[Event::kRandomDraws], 0);
  EXPECT_EQ(mask_bytes(list), 0);
  for (const OpGroup& group : list.groups) EXPECT_EQ(group.op.find("dropout"), std::string::npos);
}

TEST(Dropout, OfRecomputedWorkKeepsNoMaskFromTheForwardPass) {
  const OpList list = lowered(with_dropout(0.1), Mode::kTrain, {"fc1|drop"});
  EXPECT_EQ(operations(list)[Event::kRandomDraws], 2 * kTokens * kWidth) << "drawn again";
  EXPECT_EQ(mask_bytes(list), kTokens * kWidth / 8);
}

TEST(Dropout, RefusesARateThatLeavesNothing) {
  for (const double rate : {-0.1, 1.0, 2.0}) {
    EXPECT_EQ(fault_lines([&] { shape_graph(with_dropout(rate), 1); }),
              std::vector<std::string>{"/layers/1/constants/rate: got " + std::to_string(rate) +
                                       ", expected 0 to below 1"});
  }
}

/// What a step makes of ones and of a gradient of ones.
struct Dropped {
  std::vector<float> result, mask, gradient;
};

Dropped dropped(double rate, const StepSettings& settings) {
  const std::size_t count = kTokens * kWidth;
  Dropped made{std::vector<float>(count), std::vector<float>(count), std::vector<float>(count)};
  const std::vector<float> ones(count, 1.0F);
  const StepList list = derive_steps(shape_graph(with_dropout(rate), kTokens), Mode::kTrain, {});
  for (const Step& step : list.steps) {
    if (step.op != "dropout") continue;
    StepData<float> data{step.grid, {}, {}, {}, {}, step.function.parameters, settings};
    const auto given = [&](const std::vector<float>& values) {
      data.reads.push_back({values.data(), kTokens, kWidth});
    };
    const auto asked = [&](std::vector<float>& values) {
      data.writes.push_back({values.data(), kTokens, kWidth});
    };
    given(ones);
    if (step.pass == Pass::kForward) {
      asked(made.result);
      asked(made.mask);
    } else {
      given(made.mask);
      asked(made.gradient);
    }
    step.function.single(data, 0, kTokens / 2);  // wherever the rows are cut
    step.function.single(data, kTokens / 2, kTokens);
  }
  return made;
}

double share_kept(const std::vector<float>& mask) {
  return std::accumulate(mask.begin(), mask.end(), 0.0) / static_cast<double>(mask.size());
}

TEST(Dropout, KeepsTheExpectedShareAndTheMean) {
  for (const double rate : {0.0, 0.1, 0.5, 0.9}) {
    const Dropped made = dropped(rate, {});
    // Five deviations of the share of 6144 independent draws.
    EXPECT_NEAR(share_kept(made.mask), 1 - rate, 5 * std::sqrt(rate * (1 - rate) / 6144) + 1e-9);
    for (std::size_t i = 0; i < made.mask.size(); ++i) {
      const float expected = made.mask[i] != 0 ? static_cast<float>(1 / (1 - rate)) : 0.0F;
      EXPECT_NEAR(made.result[i], expected, 2e-4F * expected);
      EXPECT_EQ(made.gradient[i], made.result[i]) << "the gradient takes the way of the value";
    }
  }
}

TEST(Dropout, DrawsOtherMasksInOtherStepsAndOfOtherSeeds) {
  StepSettings settings;
  const std::vector<float> first = dropped(0.5, settings).mask;
  EXPECT_EQ(dropped(0.5, settings).mask, first);
  settings.step = 2;
  EXPECT_NE(dropped(0.5, settings).mask, first);
  settings.step = 1;
  settings.seed = 2;
  EXPECT_NE(dropped(0.5, settings).mask, first);
}

}  // namespace
}  // namespace mxsim
