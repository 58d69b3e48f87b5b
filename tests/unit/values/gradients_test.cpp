// What the backward steps of every layer kind compute, in double, against central differences of
// the loss: of every parameter behind and in the layer.
#include <gtest/gtest.h>

#include "tests/support/gradient_check.h"
#include "tests/support/small_graphs.h"

namespace mxsim {
namespace {

constexpr std::int64_t kBatch = 3;
constexpr std::int64_t kClasses = 4;

void expect_gradients(const Graph& graph) { EXPECT_EQ(testing::gradient_fault(graph, kBatch), ""); }

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

/// A classifier whose loss has a teacher.
Graph taught_graph(double weight, double temperature) {
  Graph graph = GraphBuilder({5})
                    .layer("first", "linear", {"image"}, {{"out_features", {6}}})
                    .layer("kind", "tanh", {"first"})
                    .layer("fc", "linear", {"kind"}, {{"out_features", {kClasses}}})
                    .layer("loss", "cross_entropy", {"fc"}, {{"teacher", {1}}})
                    .build();
  graph.layers.back().constants = {{"teacher_weight", weight},
                                   {"teacher_temperature", temperature}};
  return graph;
}

TEST(Gradients, OfALossWithATeacherAreThoseOfTheLoss) {
  for (const double weight : {0.0, 0.3, 1.0}) {
    for (const double temperature : {0.5, 1.0, 4.0})
      expect_gradients(taught_graph(weight, temperature));
  }
}

TEST(Gradients, ThroughDropoutAreThoseOfTheLossUnderItsMask) {
  for (const double rate : {0.0, 0.4}) {
    Graph graph = token_graph("dropout");
    graph.layers[1].constants = {{"rate", rate}};
    expect_gradients(graph);
  }
}

TEST(Gradients, ALossWithATeacherIsTheWeightedSumOfBothLosses) {
  const auto loss = [](double weight, double temperature) {
    return testing::DoubleStep(taught_graph(weight, temperature), kBatch).loss();
  };
  Graph plain = taught_graph(0, 1);
  plain.layers.back().attributes.clear();
  EXPECT_DOUBLE_EQ(loss(0, 2), testing::DoubleStep(plain, kBatch).loss());
  EXPECT_GT(loss(1, 2), 0);
  EXPECT_NEAR(loss(0.3, 2), 0.7 * loss(0, 2) + 0.3 * loss(1, 2), 1e-12);
}

TEST(Gradients, OfPoolingAreThoseOfTheLoss) {
  expect_gradients(image_graph("max_pool", {{"kernel", {2}}, {"stride", {2}}}));
  expect_gradients(image_graph("max_pool", {{"kernel", {3}}, {"stride", {2}}, {"padding", {1}}}));
  expect_gradients(image_graph("average_pool", {{"kernel", {2, 3}}, {"stride", {1, 2}}}));
  expect_gradients(
      image_graph("average_pool", {{"kernel", {3}}, {"stride", {2}}, {"padding", {1}}}));
  expect_gradients(
      image_graph("average_pool",
                  {{"kernel", {3}}, {"stride", {2}}, {"padding", {1}}, {"count_padding", {0}}}));
  expect_gradients(image_graph("global_average_pool"));
}

TEST(Gradients, OfNormsAreThoseOfTheLoss) {
  expect_gradients(image_graph("batch_norm"));
  for (const std::int64_t groups : {1, 2, 4}) {
    expect_gradients(image_graph("group_norm", {{"groups", {groups}}}));
  }
  expect_gradients(token_graph("layer_norm"));
  expect_gradients(token_graph("layer_norm", {{"bias", {0}}}));
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

TEST(Gradients, OfTransposedConvolutionsAreThoseOfTheLoss) {
  expect_gradients(image_graph("conv_transpose2d", {{"out_channels", {3}},
                                                    {"kernel", {3}},
                                                    {"stride", {2}},
                                                    {"padding", {1}},
                                                    {"output_size", {10, 12}}}));
}

TEST(Gradients, OfMovedElementsAreThoseOfTheLoss) {
  expect_gradients(
      image_graph("slice", {{"shape", {2, 3, 2}}, {"starts", {1, 4, 1}}, {"steps", {1, -2, 3}}}));
  for (const std::int64_t mode : {0, 1, 2, 3}) {
    expect_gradients(
        image_graph("pad", {{"shape", {4, 8, 7}}, {"before", {0, 2, 1}}, {"mode", {mode}}}));
  }
  expect_gradients(image_graph("tile", {{"shape", {8, 5, 12}}}));
  expect_gradients(image_graph("roll", {{"shape", {4, 5, 6}}, {"shifts", {0, 2, -1}}}));
  expect_gradients(
      token_graph("gather", {{"shape", {5, 6}}, {"axis", {1}}, {"places", {3, 0, 0, 2, 1}}}));
  expect_gradients(token_graph("last_tokens", {{"count", {2}}}));
}

TEST(Gradients, OfResizedImagesAreThoseOfTheLoss) {
  for (const std::int64_t mode : {1, 2, 3}) {
    for (const std::int64_t coordinates : {0, 1, 2, 3}) {
      expect_gradients(image_graph("resize", {{"shape", {4, 8, 4}},
                                              {"taps", {mode == 1 ? 1 : 4}},
                                              {"mode", {mode}},
                                              {"coordinates", {coordinates}}}));
    }
  }
}

TEST(Gradients, OfJoinedAndCutTensorsAreThoseOfTheLoss) {
  for (const std::int64_t axis : {1, 2, 3}) {
    Graph graph = image_graph("concat", {{"axis", {axis}}});
    graph.layers[1].inputs = {"first", "first"};
    expect_gradients(graph);
  }
  Graph graph = image_graph("split", {{"axis", {2}}, {"sizes", {2, 3}}});
  graph.layers[1].outputs = {"unread", "kind"};
  expect_gradients(graph);
}

TEST(Gradients, OfStretchedOperandsAreThoseOfTheLoss) {
  for (const char* op : {"add", "multiply", "subtract"}) {
    SCOPED_TRACE(op);
    Graph graph = image_graph(op);
    graph.layers.insert(graph.layers.begin() + 1,
                        {"pool", "global_average_pool", {"first"}, {"pool"}, {}});
    graph.layers[2].inputs = {"first", "pool"};
    expect_gradients(graph);
  }
  for (const char* op : {"add_constant", "multiply_constant", "prelu"}) {
    SCOPED_TRACE(op);
    for (const Shape& shape : {Shape{4, 1, 1}, Shape{1, 5, 1}, Shape{4, 5, 6}}) {
      expect_gradients(image_graph(op, {{"shape", shape}}));
    }
  }
}

TEST(Gradients, OfReductionsAreThoseOfTheLoss) {
  for (const char* op : {"reduce_mean", "reduce_sum", "reduce_l1", "reduce_sum_square"}) {
    SCOPED_TRACE(op);
    expect_gradients(token_graph(op, {{"shape", {6}}, {"factors", {4, 6}}, {"reduced", {0}}}));
    expect_gradients(token_graph(op, {{"shape", {4, 1}}, {"factors", {4, 6}}, {"reduced", {1}}}));
  }
}

TEST(Gradients, OfFunctionsWithConstantsAreThoseOfTheLoss) {
  const auto with = [](const char* op, std::map<std::string, double> constants,
                       const RawAttributes& attributes = {}) {
    SCOPED_TRACE(op);
    Graph graph = image_graph(op, attributes);
    graph.layers[1].constants = std::move(constants);
    expect_gradients(graph);
  };
  with("leaky_relu", {{"slope", 0.2}});
  with("elu", {{"alpha", 0.7}});
  with("celu", {{"alpha", 0.7}});
  with("selu", {});
  with("hard_sigmoid", {});
  with("hard_swish", {});
  with("clip", {{"low", -0.4}, {"high", 0.9}});
  with("threshold", {{"limit", 0.3}, {"bias", 0.1}}, {{"form", {2}}});
  with("scale", {{"factor", -1.5}});
  with("shift", {{"summand", 0.5}, {"sign", -1}});
  with("trigonometric", {}, {{"which", {1}}});
  with("inverse_trigonometric", {}, {{"which", {3}}});
  with("hyperbolic", {}, {{"which", {2}}});
  with("inverse_hyperbolic", {}, {{"which", {1}}});
  with("gelu", {}, {{"exact", {1}}});
}

TEST(Gradients, OfGatedLayersAreThoseOfTheLoss) {
  for (const char* op : {"swiglu", "geglu"}) {
    SCOPED_TRACE(op);
    for (const std::int64_t clamped : {0, 1}) {
      Graph graph = token_graph(op, {{"clamped", {clamped}}});
      graph.layers[1].constants = {{"limit", 0.8}};
      expect_gradients(graph);
      graph.layers.insert(graph.layers.begin(),
                          {"up", "linear", {"image"}, {"up"}, {{"out_features", {6}}}});
      graph.layers[2].inputs = {"first", "up"};
      expect_gradients(graph);
    }
  }
}

Graph attention(const RawAttributes& attributes, const char* turn = nullptr) {
  GraphBuilder builder({5, 7});
  builder.layer("q", "linear", {"image"}, {{"out_features", {4}}})
      .layer("k", "linear", {"image"}, {{"out_features", {4}}})
      .layer("v", "linear", {"image"}, {{"out_features", {4}}});
  std::string q = "q";
  if (turn != nullptr) builder.layer(q = "turned", turn, {"q"}, {{"width", {2}}});
  return builder.layer("kind", "attention", {q, "k", "v"}, attributes)
      .layer("flat", "flatten", {"kind"})
      .layer("fc", "linear", {"flat"}, {{"out_features", {kClasses}}})
      .layer("loss", "cross_entropy", {"fc"})
      .build();
}

TEST(Gradients, OfMaskedAttentionAreThoseOfTheLoss) {
  const RawAttributes heads{{"heads", {2}}, {"kv_heads", {2}}};
  expect_gradients(attention(heads));
  for (const RawAttributes& more :
       {RawAttributes{{"causal", {1}}}, RawAttributes{{"causal", {1}}, {"window", {2}}},
        RawAttributes{{"sinks", {1}}}}) {
    RawAttributes all = heads;
    all.insert(more.begin(), more.end());
    expect_gradients(attention(all));
  }
  expect_gradients(attention(heads, "rotary"));
}

TEST(Gradients, OfGroupedQueriesAreThoseOfTheLoss) {
  for (const std::int64_t kv : {1, 2}) {
    const Graph graph =
        GraphBuilder({5, 7})
            .layer("q", "linear", {"image"}, {{"out_features", {8}}})
            .layer("k", "linear", {"image"}, {{"out_features", {2 * kv}}})
            .layer("v", "linear", {"image"}, {{"out_features", {3 * kv}}})
            .layer("kind", "attention", {"q", "k", "v"}, {{"heads", {4}}, {"kv_heads", {kv}}})
            .layer("flat", "flatten", {"kind"})
            .layer("fc", "linear", {"flat"}, {{"out_features", {kClasses}}})
            .layer("loss", "cross_entropy", {"fc"})
            .build();
    expect_gradients(graph);
  }
}

TEST(Gradients, OfALanguageModelAreThoseOfTheLoss) {
  for (const std::int64_t entries : {4, 6}) {
    Graph graph = GraphBuilder({4})
                      .layer("wte", "embedding", {"image"},
                             {{"entries", {5}}, {"features", {6}}, {"tied", {1}}})
                      .layer("wpe", "position", {"wte"}, {{"entries", {entries}}})
                      .layer("norm", "rms_norm", {"wpe"})
                      .layer("head", "tied_linear", {"norm"})
                      .layer("loss", "next_token", {"head"})
                      .build();
    graph.layers[3].weights_of = "wte";
    EXPECT_EQ(testing::gradient_fault(graph, kBatch, 5), "");
  }
}

TEST(Gradients, OfWeightsThatLayersShareAreThoseOfTheLoss) {
  Graph graph = GraphBuilder({4, 5, 4})
                    .layer("a", "conv2d", {"image"}, kWide)
                    .layer("b", "conv2d", {"a"}, kWide)
                    .layer("relu", "relu", {"b"})
                    .layer("c", "conv2d", {"relu"}, kWide)
                    .layer("flat", "flatten", {"c"})
                    .layer("fc", "linear", {"flat"}, {{"out_features", {kClasses}}})
                    .layer("again", "linear", {"fc"}, {{"out_features", {kClasses}}})
                    .layer("twice", "linear", {"again"}, {{"out_features", {kClasses}}})
                    .layer("loss", "cross_entropy", {"twice"})
                    .build();
  graph.layers[1].weights_of = "a";
  graph.layers[3].weights_of = "a";
  graph.layers[7].weights_of = "again";
  expect_gradients(graph);
}

TEST(Gradients, OfRelativeBiasesAreThoseOfTheLoss) {
  expect_gradients(GraphBuilder({6, 4})
                       .layer("q", "linear", {"image"}, {{"out_features", {4}}})
                       .layer("k", "linear", {"image"}, {{"out_features", {4}}})
                       .layer("s", "matmul", {"q", "k"}, {{"heads", {2}}, {"transpose_b", {1}}})
                       .layer("kind", "relative_bias", {"s"}, {{"window", {2, 3}}, {"heads", {2}}})
                       .layer("flat", "flatten", {"kind"})
                       .layer("fc", "linear", {"flat"}, {{"out_features", {kClasses}}})
                       .layer("loss", "cross_entropy", {"fc"})
                       .build());
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
