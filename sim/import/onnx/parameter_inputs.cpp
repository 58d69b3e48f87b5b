#include "sim/import/onnx/parameter_inputs.h"

#include <map>

namespace mxsim {
namespace {

/// Operators whose inputs from this place on are parameters.
const std::map<std::string, int>& first_parameters() {
  static const std::map<std::string, int> kPlaces{{"Conv", 1},
                                                  {"ConvTranspose", 1},
                                                  {"BatchNormalization", 1},
                                                  {"LayerNormalization", 1},
                                                  {"InstanceNormalization", 1},
                                                  {"PRelu", 1},
                                                  {"LSTM", 1},
                                                  {"GRU", 1},
                                                  {"RNN", 1},
                                                  {"Reshape", 1},
                                                  {"Slice", 1},
                                                  {"Pad", 1},
                                                  {"Expand", 1},
                                                  {"Tile", 1},
                                                  {"Resize", 1},
                                                  {"Upsample", 1},
                                                  {"Squeeze", 1},
                                                  {"Unsqueeze", 1},
                                                  {"Split", 1},
                                                  {"Clip", 1},
                                                  {"ReduceSum", 1},
                                                  {"Dropout", 1},
                                                  {"TopK", 1},
                                                  {"CumSum", 1},
                                                  {"Trilu", 1},
                                                  {"QuantizeLinear", 1},
                                                  {"DequantizeLinear", 1}};
  return kPlaces;
}

bool is_parameter_place(const onnx::NodeProto& node, int place) {
  const auto found = first_parameters().find(node.op_type());
  return found != first_parameters().end() && place >= found->second;
}

}  // namespace

std::unordered_set<std::string> parameter_inputs(const onnx::GraphProto& graph) {
  std::unordered_set<std::string> parameters;
  std::unordered_set<std::string> activations;
  for (const onnx::NodeProto& node : graph.node()) {
    for (int i = 0; i < node.input_size(); ++i) {
      (is_parameter_place(node, i) ? parameters : activations).insert(node.input(i));
    }
  }
  for (const std::string& name : activations) parameters.erase(name);
  return parameters;
}

}  // namespace mxsim
