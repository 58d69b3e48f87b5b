// What the backward steps of every layer kind compute, in double, against central differences of
// the loss: of every parameter behind and in the layer.
#include <gtest/gtest.h>

#include <cmath>
#include <functional>

#include "models/core/rng.h"
#include "models/formats/format_table.h"
#include "models/values/group_executor.h"
#include "models/values/initial_values.h"
#include "models/values/workers.h"
#include "models/workload/lower.h"
#include "models/workload/shaped_graph.h"
#include "tests/support/double_memory.h"
#include "tests/support/small_graphs.h"

namespace mxsim {
namespace {

constexpr std::int64_t kBatch = 3;
constexpr std::int64_t kClasses = 4;

class Step {
 public:
  explicit Step(const Graph& graph)
      : shaped_(shape_graph(graph, kBatch)), ops_(lower(graph, policy())), memory_(ops_) {
    check_functions(ops_);
    const CounterRng rng(7, "gradients");
    std::vector<double>& image = memory_.of("image");
    for (std::size_t i = 0; i < image.size(); ++i) image[i] = rng.normal(i);
    memory_.give("image", image);
    std::vector<double> labels;
    for (std::int64_t i = 0; i < kBatch; ++i) labels.push_back(static_cast<double>(i % kClasses));
    memory_.give("loss.labels", labels);
    for (const ShapedLayer& layer : shaped_.layers) {
      for (const ParameterSpec& spec : layer.kind->parameters(layer)) {
        const std::string name = layer.name + "." + std::string(spec.name);
        std::vector<float> drawn = initial_values(spec, 3, name);
        std::vector<double> values;
        for (std::size_t i = 0; i < drawn.size(); ++i) {
          values.push_back(drawn[i] + 0.3 * rng.normal(1000 + i));
        }
        parameters_[name] = values;
      }
    }
  }

  double loss(const std::map<std::string, std::vector<double>>& parameters) {
    for (const auto& [name, values] : parameters) {
      if (memory_.has(name + ".master")) memory_.give(name + ".master", values);
      if (memory_.has(name)) memory_.give(name, values);
    }
    StepSettings settings;
    settings.learning_rate = 0;
    Workers workers(1);
    GroupExecutor<double> executor(ops_, memory_, workers);
    for (const OpGroup& group : ops_.groups) executor.run(group, settings);
    return memory_.of("loss").front();
  }

  std::vector<double> gradient(const std::string& parameter) {
    return memory_.of(parameter + ".grad");
  }
  std::map<std::string, std::vector<double>>& parameters() { return parameters_; }

 private:
  static LoweringPolicy policy() {
    LoweringPolicy policy;
    policy.batch = kBatch;
    policy.wide = parse_format("bf16");
    policy.formats.format = parse_format("fp32");
    return policy;
  }

  ShapedGraph shaped_;
  OpList ops_;
  testing::DoubleMemory memory_;
  std::map<std::string, std::vector<double>> parameters_;
};

void expect_gradients(const Graph& graph) {
  constexpr double kStep = 1e-5;
  Step step(graph);
  auto& parameters = step.parameters();
  step.loss(parameters);
  std::map<std::string, std::vector<double>> gradients;
  for (const auto& [name, values] : parameters) gradients[name] = step.gradient(name);
  for (auto& [name, values] : parameters) {
    for (std::size_t i = 0; i < values.size(); i += 1 + values.size() / 13) {
      const double held = values[i];
      values[i] = held + kStep;
      const double above = step.loss(parameters);
      values[i] = held - kStep;
      const double below = step.loss(parameters);
      values[i] = held;
      const double expected = (above - below) / (2 * kStep);
      EXPECT_NEAR(gradients[name][i], expected, 1e-7 + 1e-5 * std::abs(expected))
          << name << " element " << i;
    }
  }
}

const RawAttributes kWide{{"out_channels", {4}}, {"kernel", {3}}, {"padding", {1}}};

/// A convolution, the layer of a kind on its 4 x 5 x 6 image, and a classifier.
Graph image_graph(const std::string& op, const RawAttributes& attributes = {}) {
  return GraphBuilder({2, 5, 6})
      .layer("first", "conv2d", {"image"}, kWide)
      .layer("kind", op, {"first"}, attributes)
      .layer("flat", "flatten", {"kind"})
      .layer("fc", "linear", {"flat"}, {{"out_features", {kClasses}}})
      .layer("loss", "cross_entropy", {"fc"})
      .build();
}

/// The same for 4 tokens of 6 features.
Graph token_graph(const std::string& op, const RawAttributes& attributes = {}) {
  return GraphBuilder({4, 5})
      .layer("first", "linear", {"image"}, {{"out_features", {6}}})
      .layer("kind", op, {"first"}, attributes)
      .layer("flat", "flatten", {"kind"})
      .layer("fc", "linear", {"flat"}, {{"out_features", {kClasses}}})
      .layer("loss", "cross_entropy", {"fc"})
      .build();
}

TEST(Gradients, OfConvolutionsAreThoseOfTheLoss) {
  expect_gradients(image_graph("conv2d", {{"out_channels", {3}}, {"kernel", {2, 3}}}));
  expect_gradients(image_graph("conv2d", {{"out_channels", {6}},
                                          {"kernel", {3}},
                                          {"stride", {2}},
                                          {"groups", {2}},
                                          {"padding", {1}},
                                          {"bias", {0}}}));
  expect_gradients(image_graph("conv2d", {{"out_channels", {4}},
                                          {"kernel", {3}},
                                          {"padding", {2}},
                                          {"dilation", {2}},
                                          {"groups", {4}}}));
  expect_gradients(
      image_graph("conv2d", {{"out_channels", {5}}, {"kernel", {1}}, {"stride", {3}}}));
}

TEST(Gradients, OfPoolingAreThoseOfTheLoss) {
  expect_gradients(image_graph("max_pool", {{"kernel", {2}}, {"stride", {2}}}));
  expect_gradients(image_graph("max_pool", {{"kernel", {3}}, {"stride", {2}}, {"padding", {1}}}));
  expect_gradients(image_graph("average_pool", {{"kernel", {2, 3}}, {"stride", {1, 2}}}));
  expect_gradients(
      image_graph("average_pool", {{"kernel", {3}}, {"stride", {2}}, {"padding", {1}}}));
  expect_gradients(image_graph("global_average_pool"));
}

TEST(Gradients, OfNormsAreThoseOfTheLoss) {
  expect_gradients(image_graph("batch_norm"));
  expect_gradients(token_graph("layer_norm"));
  expect_gradients(token_graph("rms_norm"));
}

TEST(Gradients, OfActivationsAreThoseOfTheLoss) {
  for (const char* op : {"relu", "relu6", "gelu", "silu", "tanh", "sigmoid", "softplus", "softsign",
                         "mish", "exp", "square", "erf", "absolute", "negate"}) {
    SCOPED_TRACE(op);
    expect_gradients(image_graph(op));
  }
}

TEST(Gradients, OfFunctionsOfPositiveNumbersAreThoseOfTheLoss) {
  for (const char* op : {"log", "sqrt", "rsqrt", "reciprocal"}) {
    SCOPED_TRACE(op);
    expect_gradients(GraphBuilder({6})
                         .layer("first", "linear", {"image"}, {{"out_features", {6}}})
                         .layer("positive", "softplus", {"first"})
                         .layer("kind", op, {"positive"})
                         .layer("fc", "linear", {"kind"}, {{"out_features", {kClasses}}})
                         .layer("loss", "cross_entropy", {"fc"})
                         .build());
  }
}

TEST(Gradients, OfTwoInputsAreThoseOfTheLoss) {
  for (const char* op : {"add", "subtract", "multiply", "divide", "maximum", "minimum", "raise"}) {
    SCOPED_TRACE(op);
    expect_gradients(GraphBuilder({6})
                         .layer("first", "linear", {"image"}, {{"out_features", {5}}})
                         .layer("second", "linear", {"image"}, {{"out_features", {5}}})
                         .layer("a", "softplus", {"first"})
                         .layer("b", "softplus", {"second"})
                         .layer("kind", op, {"a", "b"})
                         .layer("fc", "linear", {"kind"}, {{"out_features", {kClasses}}})
                         .layer("loss", "cross_entropy", {"fc"})
                         .build());
  }
}

TEST(Gradients, OfAttentionAreThoseOfTheLoss) {
  for (const std::int64_t causal : {0, 1}) {
    const RawAttributes features{{"out_features", {6}}};
    expect_gradients(
        GraphBuilder({4, 5})
            .layer("q", "linear", {"image"}, features)
            .layer("k", "linear", {"image"}, features)
            .layer("v", "linear", {"image"}, features)
            .layer("s", "matmul", {"q", "k"}, {{"heads", {2}}, {"transpose_b", {1}}})
            .layer("p", "softmax", {"s"}, {{"scale", {1}}, {"width", {3}}, {"causal", {causal}}})
            .layer("o", "matmul", {"p", "v"}, {{"heads", {2}}})
            .layer("flat", "flatten", {"o"})
            .layer("fc", "linear", {"flat"}, {{"out_features", {kClasses}}})
            .layer("loss", "cross_entropy", {"fc"})
            .build());
  }
}

TEST(Gradients, OfTokensAreThoseOfTheLoss) {
  expect_gradients(token_graph("class_token"));
  expect_gradients(token_graph("position"));
  expect_gradients(token_graph("select", {{"index", {2}}}));
  expect_gradients(image_graph("image_to_tokens"));
  expect_gradients(image_graph("reshape", {{"shape", {10, 12}}}));
  // Of the image in DRAM: height, width, channels.
  expect_gradients(
      image_graph("permute", {{"shape", {6, 20}}, {"factors", {5, 6, 4}}, {"order", {1, 2, 0}}}));
}

TEST(Gradients, OfSeveralConsumersAddUp) {
  expect_gradients(GraphBuilder({2, 5, 6})
                       .layer("first", "conv2d", {"image"}, kWide)
                       .layer("bn", "batch_norm", {"first"})
                       .layer("relu", "relu", {"bn"})
                       .layer("second", "conv2d", {"relu"}, kWide)
                       .layer("sum", "add", {"second", "relu"})
                       .layer("pool", "global_average_pool", {"sum"})
                       .layer("flat", "flatten", {"pool"})
                       .layer("fc", "linear", {"flat"}, {{"out_features", {kClasses}}})
                       .layer("loss", "cross_entropy", {"fc"})
                       .build());
}

}  // namespace
}  // namespace mxsim
