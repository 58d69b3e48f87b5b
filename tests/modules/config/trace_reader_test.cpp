#include "sim/config/trace_reader.h"

#include <gtest/gtest.h>

#include "models/workload/shaped_graph.h"
#include "sim/config/load.h"
#include "tests/support/diagnostics.h"

namespace mxsim {
namespace {

using Lines = std::vector<std::string>;

Graph shipped(const std::string& name) { return load_trace(MXSIM_ROOT "/traces/" + name); }

Lines faults_of(const std::string& text) {
  return fault_lines([&] { load_config<Graph>(Document::parse(text, "t.json")); });
}

TEST(TraceReader, PublishedTotalsFollowFromTheLayers) {
  const ShapedGraph resnet18 = shape_graph(shipped("resnet18.json"), 1);
  EXPECT_EQ(resnet18.parameters, 11'689'512);
  EXPECT_EQ(resnet18.macs, 1'814'073'344);
  const ShapedGraph resnet50 = shape_graph(shipped("resnet50.json"), 1);
  EXPECT_EQ(resnet50.parameters, 25'557'032);
  EXPECT_EQ(resnet50.macs, 4'089'184'256);
  const ShapedGraph mobilenet = shape_graph(shipped("mobilenet_v2.json"), 1);
  EXPECT_EQ(mobilenet.parameters, 3'504'872);
  EXPECT_EQ(mobilenet.macs, 300'774'272);
}

TEST(TraceReader, MacsGrowWithTheBatch) {
  EXPECT_EQ(shape_graph(shipped("resnet18.json"), 8).macs, std::int64_t{8} * 1'814'073'344);
}

TEST(TraceReader, AClaimThatTheLayersContradictIsAnError) {
  EXPECT_EQ(faults_of(R"({"name": "n", "macs": 5, "inputs": [{"name": "x", "shape": [4]}],
                          "layers": [{"name": "fc", "op": "linear", "inputs": ["x"], "outputs": ["y"],
                                      "attributes": {"out_features": 3, "bias": false}}],
                          "outputs": ["y"]})"),
            Lines{"t.json: /macs: the trace states 5, its layers give 12"});
}

TEST(TraceReader, AttributesAreIntegersListsOrFlags) {
  EXPECT_EQ(faults_of(R"({"name": "n", "inputs": [{"name": "x", "shape": [4]}],
                          "layers": [{"name": "fc", "op": "linear", "inputs": ["x"], "outputs": ["y"],
                                      "attributes": {"out_features": 3.5}}],
                          "outputs": ["y"]})"),
            Lines{"t.json: /layers/0/attributes/out_features: got 3.5, expected an integer, any "
                  "integer"});
}

TEST(TraceReader, GraphFaultsPointIntoTheFile) {
  EXPECT_EQ(faults_of(R"({"name": "n", "inputs": [{"name": "x", "shape": [4]}],
                          "layers": [{"name": "fc", "op": "liner", "inputs": ["x"],
                                      "outputs": ["y"]}], "outputs": ["z"]})"),
            (Lines{"t.json: /outputs/0: unknown tensor \"z\", did you mean \"x\"?",
                   "t.json: /layers/0/op: unknown operator \"liner\", did you mean \"linear\"?"}));
}

}  // namespace
}  // namespace mxsim
