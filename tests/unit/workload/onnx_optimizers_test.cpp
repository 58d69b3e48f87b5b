// Updates against the node tests of ONNX's training operators (onnx 1.12, data/node/test_adam,
// test_momentum, test_nesterov_momentum and their forms of two tensors, which are tensors updated
// one by one; test_adagrad and test_adagrad_multiple are of an optimizer that is not here). The
// numbers are those of their input_N.pb and output_N.pb, attributes of their model.onnx. At T = 0
// ONNX corrects no bias and scales no gradient: step kLate, at which bias corrections are 1 to the
// last bit.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "models/core/error.h"
#include "models/formats/format_table.h"
#include "models/workload/lower.h"
#include "tests/support/small_graphs.h"

namespace mxsim {
namespace {

constexpr std::int64_t kLate = 1'000'000;
constexpr double kRate = 0.1;
constexpr double kTolerance = 1e-6;  // ONNX's is a relative 1e-3 and an absolute 1e-7

// The stored numbers of test_adam_multiple were made with it; its model.onnx leaves it out.
constexpr double kAdamMultipleEpsilon = 1e-2;

using Numbers = std::vector<float>;

struct NodeTest {
  const char* name;
  Optimizer optimizer;
  double first = 0;   ///< alpha
  double second = 0;  ///< beta
  double epsilon = 0;
  double decay = 0.001;  ///< norm_coefficient
  Numbers x;
  Numbers g;
  std::vector<Numbers> states;
  Numbers x_new;
  std::vector<Numbers> states_new;
};

const std::vector<NodeTest>& adam_tests() {
  static const std::vector<NodeTest> all{
      {"adam",
       Optimizer::kAdam,
       0.95,
       0.1,
       1e-7,
       0.001,
       {1.2F, 2.8F},
       {-0.94F, -2.5F},
       {{1.7F, 3.6F}, {0.1F, 0.1F}},
       {1.0250363F, 2.6610327F},
       {{1.5680600F, 3.2951398F}, {0.8032108F, 5.6224070F}}},
      {"adam_multiple, first",
       Optimizer::kAdam,
       0.95,
       0.85,
       kAdamMultipleEpsilon,
       0.001,
       {1},
       {-1},
       {{2}, {0.5F}},
       {0.7591363F},
       {{1.8500500F}, {0.5747002F}}},
      {"adam_multiple, second",
       Optimizer::kAdam,
       0.95,
       0.85,
       kAdamMultipleEpsilon,
       0.001,
       {1, 2},
       {-1, -3},
       {{4, 1}, {1, 10}},
       {0.6286528F, 1.9745853F},
       {{3.7500501F, 0.8001000F}, {0.9997002F, 9.8482008F}}},
  };
  return all;
}

const std::vector<NodeTest>& momentum_tests() {
  static const std::vector<NodeTest> all{
      {"momentum",
       Optimizer::kSgdMomentum,
       0.95,
       0.1,
       0,
       0.001,
       {1.2F, 2.8F},
       {-0.94F, -2.5F},
       {{1.7F, 3.6F}},
       {1.1323800F, 2.7077200F},
       {{0.6762000F, 0.9227998F}}},
      {"momentum_multiple, first",
       Optimizer::kSgdMomentum,
       0.95,
       0.85,
       0,
       0.001,
       {1},
       {-1},
       {{2}},
       {0.9099000F},
       {{0.9010000F}}},
      {"momentum_multiple, second",
       Optimizer::kSgdMomentum,
       0.95,
       0.85,
       0,
       0.001,
       {1, 2},
       {-1, -3},
       {{4, 1}},
       {0.7199000F, 2.2047999F},
       {{2.8009999F, -2.0479999F}}},
      {"nesterov_momentum",
       Optimizer::kSgdNesterov,
       0.95,
       1,
       0,
       0.01,
       {1.2F, 2.8F},
       {-0.94F, -2.5F},
       {{1.7F, 3.6F}},
       {1.2275350F, 2.9571400F},
       {{0.6870000F, 0.9480000F}}},
  };
  return all;
}

/// The step that updates the weights of a layer, as the executor and the chip have it.
GroupStep update_step(Optimizer optimizer) {
  LoweringPolicy policy;
  policy.batch = 1;
  policy.wide = parse_format("fp32");
  policy.formats.format = parse_format("fp32");
  policy.training.optimizer = optimizer;
  for (const OpGroup& group : lower(mlp({3, 2, 2}), policy).groups) {
    if (group.pass == Pass::kUpdate) return group.steps.at(0);
  }
  throw InternalError("no update");
}

StepMatrix<const float> row_of(const Numbers& numbers) {
  return {numbers.data(), 1, static_cast<std::int64_t>(numbers.size())};
}
StepMatrix<float> row_of(Numbers& numbers) {
  return {numbers.data(), 1, static_cast<std::int64_t>(numbers.size())};
}

void expect_near(const Numbers& got, const Numbers& expected) {
  ASSERT_EQ(got.size(), expected.size());
  for (std::size_t i = 0; i < got.size(); ++i) EXPECT_NEAR(got[i], expected[i], kTolerance);
}

void expect_numbers(const std::vector<NodeTest>& tests) {
  for (const NodeTest& test : tests) {
    SCOPED_TRACE(test.name);
    const StepFunction function = update_step(test.optimizer).function;
    StepSettings settings;
    settings.learning_rate = kRate;
    settings.momentum = test.first;
    settings.second_momentum = test.second;
    settings.epsilon = test.epsilon;
    settings.weight_decay = test.decay;
    settings.step = kLate;
    Numbers x(test.x.size());
    std::vector<Numbers> states(test.states.size(), x);
    StepData<float> data{{1, static_cast<std::int64_t>(x.size())},
                         {row_of(test.g), row_of(test.x)},
                         {},
                         {row_of(x)},
                         {},
                         function.parameters,
                         settings};
    for (std::size_t s = 0; s < states.size(); ++s) {
      data.reads.push_back(row_of(test.states[s]));
      data.writes.push_back(row_of(states[s]));
    }
    function.single(data, 0, 1);
    expect_near(x, test.x_new);
    for (std::size_t s = 0; s < states.size(); ++s) expect_near(states[s], test.states_new[s]);
  }
}

TEST(Optimizers, GiveTheNumbersOfOnnxsTrainingOperators) {
  expect_numbers(adam_tests());
  expect_numbers(momentum_tests());
}

}  // namespace
}  // namespace mxsim
