#include "sim/import/onnx/onnx_import.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "models/workload/shaped_graph.h"
#include "tests/support/diagnostics.h"

namespace mxsim {
namespace {

using Lines = std::vector<std::string>;

const std::string kFolder = MXSIM_TEST_DATA "/import/";

Graph graph_of(const std::string& name, const ImportOptions& options = {}) {
  return import_onnx(kFolder + name + ".onnx", "t", options).graph;
}

ShapedGraph shaped(const std::string& name, const ImportOptions& options = {}) {
  return shape_graph(graph_of(name, options), 1);
}

Lines operators(const Graph& graph) {
  Lines ops;
  for (const Layer& layer : graph.layers) ops.push_back(layer.op);
  return ops;
}

const Layer& layer_of(const Graph& graph, const std::string& op) {
  return *std::find_if(graph.layers.begin(), graph.layers.end(),
                       [&](const Layer& layer) { return layer.op == op; });
}

Lines faults_of(const std::string& name, const ImportOptions& options = {}) {
  return fault_lines([&] { graph_of("made/" + name, options); });
}

TEST(OnnxImport, NetworksFromTheWildHaveTheirMacs) {
  EXPECT_EQ(shaped("resnet18_shapes").macs, 1814073344);
  EXPECT_EQ(shaped("mobilenetv2_shapes").macs, 300774272);
  // 28 x 28 x 25 x 8, 14 x 14 x 200 x 16, 256 x 10; weights and biases of the layers.
  EXPECT_EQ(shaped("mnist_conv").macs, 156800 + 627200 + 2560);
  EXPECT_EQ(shaped("mnist_conv").parameters, 200 + 8 + 3200 + 16 + 2560 + 10);
}

TEST(OnnxImport, AnExportedEncoderIsTheLayersThatATraceWouldName) {
  const ImportOptions options{{{"batch", 1}, {"seq", 6}}, {}};
  const Graph graph = graph_of("made/encoder", options);
  EXPECT_EQ(operators(graph), (Lines{"linear", "linear", "linear", "matmul", "softmax", "matmul",
                                     "linear", "add", "layer_norm", "linear", "gelu", "linear"}));
  const ShapedGraph network = shape_graph(graph, 1);
  EXPECT_EQ(network.parameters, 3 * (32 * 32 + 32) + 32 * 32 + 64 + 2 * 32 * 128);
  EXPECT_EQ(network.macs, 6 * (4 * 32 * 32 + 2 * 32 * 128) + 2 * 4 * 6 * 6 * 8);
  EXPECT_EQ(layer_of(graph, "softmax").attributes.at("scale"), std::vector<std::int64_t>{1});
}

TEST(OnnxImport, OpenSizesAreAskedForAndFollowTheOptions) {
  EXPECT_EQ(faults_of("encoder"),
            Lines{"input \"x\": axis 1 has the open size \"seq\": state --dim seq=N"});
  EXPECT_EQ(faults_of("encoder", {{{"sequence", 6}}, {}}).size(), 2U);
  const ImportOptions by_shape{{}, {{"x", {1, 7, 32}}}};
  EXPECT_EQ(shaped("made/encoder", by_shape).macs,
            7 * (4 * 32 * 32 + 2 * 32 * 128) + 2 * 4 * 7 * 7 * 8);
}

TEST(OnnxImport, EveryFormOfConvolutionHasItsMacsAndParameters) {
  const ShapedGraph network = shaped("made/convolutions");
  // 8 x 5 x 9 of 4 x 3 x 2; squeeze 8 x 8; transposed 8 x 5 x 9 by 3 x 3 x 3; depthwise 12 x 18 x
  // 34 by 9; 5 x 202 of 12 x 7
  EXPECT_EQ(network.macs, 8640 + 64 + 9720 + 66096 + 84840);
  EXPECT_EQ(network.parameters, 200 + 64 + 216 + 108 + 420);
  const Lines ops = operators(graph_of("made/convolutions"));
  EXPECT_EQ(std::count(ops.begin(), ops.end(), "hard_swish"), 1);
  EXPECT_EQ(std::count(ops.begin(), ops.end(), "permute"), 0);
  EXPECT_EQ(network.tensors[static_cast<std::size_t>(network.outputs[0])].shape,
            (Shape{1, 5, 1, 202}));
}

TEST(OnnxImport, CutsThatTakeAllOfATensorReadItOnce) {
  const Graph graph = graph_of("made/layouts");
  const Lines ops = operators(graph);
  EXPECT_EQ(std::count(ops.begin(), ops.end(), "split"), 2);
  EXPECT_EQ(std::count(ops.begin(), ops.end(), "slice"), 0);
  const ShapedGraph network = shape_graph(graph, 1);
  EXPECT_EQ(elements(network.tensors[static_cast<std::size_t>(network.outputs[0])].shape), 8 * 4);
}

TEST(OnnxImport, AttentionOfAFileFromTheWildMovesNoElement) {
  const Graph graph = graph_of("sdp");
  EXPECT_EQ(operators(graph), (Lines{"matmul", "softmax", "matmul"}));
  // 4 heads, 64 queries and keys, 32 columns, twice
  EXPECT_EQ(shape_graph(graph, 1).macs, 2 * 4 * 64 * 64 * 32);
}

TEST(OnnxImport, QuantizersBecomeFormatsOfTheLayers) {
  using Formats = std::map<std::string, std::string>;
  EXPECT_EQ(layer_of(graph_of("made/qcdq"), "linear").formats,
            (Formats{{"activations", "int4"}, {"weights", "int8"}}));
  EXPECT_EQ(layer_of(graph_of("act_weight_fp8"), "linear").formats,
            (Formats{{"activations", "e4m3fn"}, {"weights", "e4m3fn"}}));
}

TEST(OnnxImport, RecurrentLayersHaveTheWorkOfTheirGates) {
  const Graph graph = graph_of("made/recurrent");
  const Lines ops = operators(graph);
  EXPECT_EQ(std::count(ops.begin(), ops.end(), "lstm"), 2);
  EXPECT_EQ(std::count(ops.begin(), ops.end(), "gru"), 1);
  EXPECT_EQ(std::count(ops.begin(), ops.end(), "rnn"), 1);
  const ShapedGraph network = shape_graph(graph, 1);
  // 2 sequences of 4 tokens: gates x (inputs + hidden) x hidden
  EXPECT_EQ(network.macs, 2 * 4 * (2 * 4 * 2 * (3 + 2) + 3 * 3 * (4 + 3) + 2 * (3 + 2)));
  EXPECT_EQ(network.parameters,
            2 * (4 * 2 * (3 + 2) + 16) + (3 * 3 * (4 + 3) + 18) + (2 * (3 + 2) + 4));
  EXPECT_EQ(elements(network.tensors[static_cast<std::size_t>(network.outputs[0])].shape), 2 * 2);
  EXPECT_EQ(layer_of(graph, "gru").attributes.at("reverse"), std::vector<std::int64_t>{1});
  EXPECT_EQ(layer_of(graph, "rnn").attributes.at("sequence"), std::vector<std::int64_t>{0});
  EXPECT_EQ(faults_of("peepholes"), Lines{"LSTM \"peeping\": has peepholes"});
}

TEST(OnnxImport, ConvolutionsOfVolumesHaveTheirMacsAndParameters) {
  const Graph graph = graph_of("made/volumes");
  const ShapedGraph network = shape_graph(graph, 1);
  // 6 x 4 x 9 x 4 of 4 x 3 x 2 x 3 taps; 4 x 2 x 6 x 2 of 3 x 2 x 3 x 3
  EXPECT_EQ(network.macs, 6 * 4 * 9 * 4 * 72 + 4 * 2 * 6 * 2 * 54);
  EXPECT_EQ(network.parameters, 6 * 72 + 6 + 12 + 4 * 54);
  const Lines ops = operators(graph);
  EXPECT_EQ(std::count(ops.begin(), ops.end(), "depth_windows"), 2);
  EXPECT_EQ(std::count(ops.begin(), ops.end(), "permute"), 0);
  EXPECT_EQ(network.tensors[static_cast<std::size_t>(network.outputs[0])].shape,
            (Shape{1, 4, 2 * 6, 2}));
}

TEST(OnnxImport, NormsHaveTheParametersThatTheFileGivesThem) {
  // Scales and shifts of seven norms, weights of a transposed convolution; none of LpNormalization
  EXPECT_EQ(shaped("made/lookalikes").parameters, 2 * (6 * 4 + 16) + 4 * 2 * 3 * 2);
}

TEST(OnnxImport, SharedWeightsAndExportedGroupNormsHaveTheirParametersOnce) {
  const Graph graph = graph_of("made/shared");
  const ShapedGraph network = shape_graph(graph, 1);
  EXPECT_EQ(operators(graph), (Lines{"conv2d", "group_norm", "conv2d"}));
  EXPECT_EQ(graph.layers[2].weights_of, graph.layers[0].name);
  EXPECT_EQ(graph.layers[1].attributes.at("groups"), std::vector<std::int64_t>{2});
  EXPECT_EQ(network.macs, 2 * (5 * 6) * (4 * 4 * 9));
  EXPECT_EQ(network.parameters, 4 * 4 * 9 + 4 + 2 * 4);
}

TEST(OnnxImport, OperatorsWithoutMeaningAreToldAllAtOnce) {
  EXPECT_EQ(faults_of("unknown_operators"),
            (Lines{"NonMaxSuppression \"boxes\": this operator has no meaning here",
                   "somewhere.Mystery \"c\": this operator has no meaning here",
                   "Unique \"d\": this operator has no meaning here"}));
}

TEST(OnnxImport, HostileGraphsAreRefusedInALine) {
  EXPECT_EQ(faults_of("cycle"), Lines{"a cycle of nodes: Relu \"b\" -> Add \"a\""});
  EXPECT_EQ(faults_of("dangling"), Lines{"Add \"a\": nothing makes its input \"nobody\""});
  EXPECT_EQ(faults_of("negative"), Lines{"input \"x\": axis 1 is -5, expected 1..4294967296"});
  EXPECT_EQ(faults_of("overflow").size(), 1U);
  EXPECT_EQ(faults_of("outside"),
            Lines{"initializer \"w\": external data \"../secret.bin\" lies outside the model's "
                  "folder"});
}

}  // namespace
}  // namespace mxsim
