// Quantization-aware training: gradients by straight-through estimators.
#include <gtest/gtest.h>

#include "models/core/rng.h"
#include "models/formats/dequantize.h"
#include "models/formats/format_parser.h"
#include "models/formats/quantizer.h"
#include "models/values/network.h"
#include "tests/support/drawn_batch.h"
#include "tests/support/forward_formats.h"
#include "tests/support/small_graphs.h"

namespace mxsim {
namespace {

constexpr std::int64_t kBatch = 8;
constexpr std::int64_t kInputs = 6;

LoweringPolicy policy_of(const std::string& weights, const std::string& activations) {
  return testing::forward_formats(kBatch, weights, activations);
}

Batch drawn_batch() { return testing::drawn_batch(kBatch, kInputs, 4); }

std::vector<float> cast(const std::vector<float>& values, std::int64_t rows,
                        const std::string& format, bool along_rows) {
  const FormatSpec spec = parse_format(format);
  BlockShape block = spec.default_block;
  if (along_rows && block.rows == 1) block = {block.cols, 1};
  return dequantize(
      quantize(values, rows, static_cast<std::int64_t>(values.size()) / rows, {spec, block}));
}

struct Trained {
  NetworkTensors updates;  ///< after less before
  float loss = 0;
};

Trained step_from(const Graph& graph, const LoweringPolicy& policy, const NetworkTensors& before,
                  const Batch& batch) {
  const ArraySpec array;
  Workers workers(1);
  TrainedNetwork network(graph, policy, array, workers);
  network.executor().store().follow_forward();
  network.set(before);
  StepSettings settings;
  settings.learning_rate = 0.5;
  settings.momentum = 0;
  Trained trained;
  trained.loss = network.train(batch, settings);
  trained.updates = network.tensors();
  for (auto& [name, values] : trained.updates) {
    for (std::size_t i = 0; i < values.size(); ++i) values[i] -= before.at(name)[i];
  }
  return trained;
}

NetworkTensors initial(const Graph& graph) {
  const ArraySpec array;
  Workers workers(1);
  return TrainedNetwork(graph, policy_of("fp32", "fp32"), array, workers).initial(2);
}

void expect_near(const Trained& found, const Trained& expected) {
  EXPECT_NEAR(found.loss, expected.loss, 1e-6);
  for (const auto& [name, values] : expected.updates) {
    for (std::size_t i = 0; i < values.size(); ++i) {
      EXPECT_NEAR(found.updates.at(name)[i], values[i], 1e-6) << name << " " << i;
    }
  }
}

// The gradient by the quantized weights is what the master weights get.
TEST(StraightThrough, UpdatesAreThoseOfTheQuantizedWeights) {
  const Graph graph = mlp({kInputs, 40, 4});
  const NetworkTensors before = initial(graph);
  for (const std::string format : {"int4,float32_t0", "int4", "int4,float32_t8", "int4,e8m0_t8",
                                   "int3,e8m0_t0", "mxsf", "mxfp4_e2m1"}) {
    SCOPED_TRACE(format);
    NetworkTensors rounded = before;
    rounded["fc1.weight"] = cast(before.at("fc1.weight"), kInputs, format, true);
    rounded["fc2.weight"] = cast(before.at("fc2.weight"), 40, format, true);
    ASSERT_NE(rounded, before);
    expect_near(step_from(graph, policy_of(format, "fp32"), before, drawn_batch()),
                step_from(graph, policy_of("fp32", "fp32"), rounded, drawn_batch()));
  }
}

TEST(StraightThrough, WeightGradientsReadTheQuantizedActivations) {
  const Graph graph = mlp({kInputs, 4});
  const NetworkTensors before = initial(graph);
  for (const std::string format : {"int4,float32_t0", "int4", "mxsf", "int3,e8m0_t4"}) {
    SCOPED_TRACE(format);
    Batch rounded = drawn_batch();
    rounded.inputs = cast(rounded.inputs, kBatch, format, false);
    ASSERT_NE(rounded.inputs, drawn_batch().inputs);
    expect_near(step_from(graph, policy_of("fp32", format), before, drawn_batch()),
                step_from(graph, policy_of("fp32", "fp32"), before, rounded));
  }
}

}  // namespace
}  // namespace mxsim
