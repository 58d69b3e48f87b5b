#include "sim/import/lowering/lowerings.h"

#include <fmt/format.h>

#include <map>
#include <set>
#include <string>

#include "models/core/error.h"
#include "sim/import/lowering/elementwise_operators.h"

namespace mxsim {
namespace {

std::map<std::string, Lowering> image_lowerings() {
  return {{"Conv", lower_convolution},
          {"ConvTranspose", lower_transposed_convolution},
          {"MaxPool", lower_pool},
          {"AveragePool", lower_pool},
          {"LpPool", lower_pool},
          {"GlobalAveragePool", lower_global_pool},
          {"GlobalMaxPool", lower_global_pool},
          {"GlobalLpPool", lower_global_pool},
          {"BatchNormalization", lower_batch_norm},
          {"InstanceNormalization", lower_instance_norm},
          {"GroupNormalization", lower_instance_norm},
          {"LRN", lower_response_norm},
          {"Resize", lower_resize},
          {"Upsample", lower_resize},
          {"DepthToSpace", lower_depth_to_space},
          {"SpaceToDepth", lower_depth_to_space}};
}

std::map<std::string, Lowering> layout_lowerings() {
  return {
      {"Reshape", lower_reshape},   {"Flatten", lower_reshape},     {"Squeeze", lower_reshape},
      {"Unsqueeze", lower_reshape}, {"Transpose", lower_transpose}, {"Concat", lower_concat},
      {"Split", lower_split},       {"Slice", lower_move},          {"Pad", lower_move},
      {"Expand", lower_move},       {"Tile", lower_move},           {"GatherElements", lower_move},
      {"GatherND", lower_move},     {"Unstack", lower_unstack},     {"Gather", lower_gather}};
}

std::map<std::string, Lowering> other_lowerings() {
  return {{"Gemm", lower_gemm},
          {"MatMul", lower_matmul},
          {"Einsum", lower_einsum},
          {"FusedMatMul", lower_matmul},
          {"LSTM", lower_recurrent},
          {"GRU", lower_recurrent},
          {"RNN", lower_recurrent},
          {"Softmax", lower_softmax},
          {"LogSoftmax", lower_softmax},
          {"Hardmax", lower_softmax},
          {"LayerNormalization", lower_row_norm},
          {"RMSNormalization", lower_row_norm},
          {"SimplifiedLayerNormalization", lower_row_norm},
          {"MeanVarianceNormalization", lower_row_norm},
          {"LpNormalization", lower_row_norm},
          {"Clip", lower_clip},
          {"Where", lower_where},
          {"Sum", lower_sum},
          {"Mean", lower_sum},
          {"Max", lower_sum},
          {"Min", lower_sum}};
}

std::map<std::string, Lowering> all_lowerings() {
  std::map<std::string, Lowering> all = image_lowerings();
  all.merge(layout_lowerings());
  all.merge(other_lowerings());
  for (const auto& [op, layer] : unary_operators()) all[op] = lower_unary;
  for (const auto& [op, row] : binary_operators()) all[op] = lower_binary;
  for (const char* op :
       {"Identity", "Cast", "CastLike", "Dropout", "Quant", "IntQuant", "BipolarQuant",
        "FloatQuant", "Trunc", "QuantizeLinear", "DequantizeLinear"}) {
    all[op] = lower_identity;
  }
  for (const char* op :
       {"ReduceMean", "ReduceSum", "ReduceMax", "ReduceMin", "ReduceProd", "ReduceL1", "ReduceL2",
        "ReduceSumSquare", "ReduceLogSum", "ReduceLogSumExp", "ArgMax", "ArgMin"}) {
    all[op] = lower_reduction;
  }
  return all;
}

bool is_known_domain(const std::string& domain) {
  static const std::set<std::string> kDomains{"", "com.microsoft", "qonnx.custom_op.general",
                                              "onnx.brevitas", "finn.custom_op.general"};
  return kDomains.contains(domain);
}

}  // namespace

Lowering find_lowering(const NetNode& node) {
  static const std::map<std::string, Lowering> kLowerings = all_lowerings();
  if (!is_known_domain(node.domain)) return nullptr;
  const auto found = kLowerings.find(node.op);
  return found == kLowerings.end() ? nullptr : found->second;
}

std::size_t axis_of(std::int64_t axis, std::size_t rank) {
  const std::int64_t counted = axis < 0 ? axis + static_cast<std::int64_t>(rank) : axis;
  if (counted < 0 || counted >= static_cast<std::int64_t>(rank)) {
    throw InputError(fmt::format("axis {} of a tensor of {} axes", axis, rank));
  }
  return static_cast<std::size_t>(counted);
}

}  // namespace mxsim
