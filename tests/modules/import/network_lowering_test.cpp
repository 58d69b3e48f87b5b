// Operators whose meaning shapes alone do not tell, in networks built by hand.
#include "sim/import/lowering/network_lowering.h"

#include <gtest/gtest.h>

#include "tests/support/diagnostics.h"

namespace mxsim {
namespace {

/// Inputs of these shapes, one node, and a result.
TensorNetwork one_node(NetNode node, const std::vector<Shape>& inputs, const Shape& result) {
  TensorNetwork network;
  network.name = "t";
  for (const Shape& shape : inputs) {
    const int id = static_cast<int>(network.tensors.size());
    network.tensors.push_back({"x" + std::to_string(id), shape, false, false, {}});
    network.inputs.push_back(id);
    node.inputs.push_back(id);
  }
  network.outputs = {static_cast<int>(network.tensors.size())};
  network.tensors.push_back({"y", result, false, false, {}});
  node.name = "n";
  node.outputs = network.outputs;
  network.nodes.push_back(std::move(node));
  return network;
}

NetNode einsum(const std::string& equation) {
  NetNode node;
  node.op = "Einsum";
  node.texts["equation"] = equation;
  return node;
}

TEST(NetworkLowering, RefusesASumOverALetterOfOneOperandAlone) {
  std::vector<std::string> notes;
  const auto faults = [&](const std::string& equation) {
    return fault_lines([&] {
      lower_network(one_node(einsum(equation), {{1, 3, 4}, {1, 4, 5}}, {1, 3}), notes);
    });
  };
  EXPECT_EQ(faults("bij,bjk->bi"),
            (std::vector<std::string>{
                "Einsum \"n\": an equation that sums \"k\" over one operand alone"}));
}

TEST(NetworkLowering, PaddingThatCutsAtTheOtherEndMovesElements) {
  std::vector<std::string> notes;
  NetNode pad;
  pad.op = "Pad";
  pad.version = 2;
  pad.integers["pads"] = {0, 1, 0, 0, -1, 0};
  const ImportedNetwork moved = lower_network(one_node(pad, {{1, 3, 4}}, {1, 3, 4}), notes);
  EXPECT_EQ(moved.graph.layers.back().op, "pad");
  EXPECT_EQ(moved.graph.layers.back().attributes.at("before"),
            (std::vector<std::int64_t>{0, 0, 1, 0}));
}

}  // namespace
}  // namespace mxsim
