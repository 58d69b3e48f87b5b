// Residual additions of shipped traces and of an ONNX model.
#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "models/workload/skip_connections.h"
#include "sim/config/trace_reader.h"
#include "sim/import/network_file.h"

namespace mxsim {
namespace {

Graph shipped(const std::string& name) {
  return load_trace(MXSIM_ROOT "/traces/" + name + ".json");
}

// Blocks of the published networks: two additions a transformer block, one a residual block.
TEST(SkipTraces, PublishedNetworksHaveTheirBlocksAdditions) {
  const std::vector<std::pair<std::string, std::size_t>> networks{
      {"resnet8", 3},        {"resnet18", 8},       {"resnet50", 16},
      {"mobilenet_v2", 10},  {"deit_tiny", 24},     {"gpt2", 24},
      {"llama2_7b", 64},     {"convnext_tiny", 18}, {"mobilenet_v3_large", 10},
      {"efficientnet_b0", 9}};
  for (const auto& [name, additions] : networks) {
    Graph graph = shipped(name);
    EXPECT_EQ(find_skips(shape_graph(graph, 1)).size(), additions) << name;
    const std::int64_t macs = shape_graph(graph, 1).macs;
    state_skips(graph, SkipPolicy::kRemove);
    const ShapedGraph removed = shape_graph(graph, 1);
    EXPECT_EQ(find_skips(removed).size(), 0U) << name;
    EXPECT_LE(removed.macs, macs) << name;
  }
}

// Of ResNets with two convolutions a block all can be shortened, of bottlenecks none.
TEST(SkipTraces, BasicBlocksAreShortenedBottlenecksLeft) {
  const auto changed = [](const std::string& name) {
    Graph graph = shipped(name);
    state_skips(graph, SkipPolicy::kShorten);
    std::size_t count = 0;
    for (const SkipOutcome& each : skip_outcomes(graph, {})) count += each.changed ? 1 : 0;
    return count;
  };
  EXPECT_EQ(changed("resnet8"), 3U);
  EXPECT_EQ(changed("resnet18"), 8U);
  for (const char* name : {"resnet50", "mobilenet_v2", "deit_tiny"}) {
    EXPECT_THROW(changed(name), InputError) << name;
  }
}

TEST(SkipTraces, AnImportedNetworkLosesItsAdditionsToo) {
  Graph graph =
      import_network(MXSIM_TEST_DATA "/import/mobilenetv2_shapes.onnx", NetworkFileKind::kOnnx, {})
          .graph;
  EXPECT_EQ(find_skips(shape_graph(graph, 1)).size(), 10U);
  state_skips(graph, SkipPolicy::kRemove);
  EXPECT_EQ(find_skips(shape_graph(graph, 1)).size(), 0U);
}

}  // namespace
}  // namespace mxsim
