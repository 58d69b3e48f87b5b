#include "models/workload/layer_kind.h"

#include <vector>

#include "models/workload/kinds/depth_windows.h"
#include "models/workload/kinds/dropout.h"
#include "models/workload/kinds/kinds.h"

namespace mxsim {

namespace {

std::vector<const LayerKind*> listed_kinds() {
  std::vector<const LayerKind*> kinds{
      &conv2d_kind(),
      &linear_kind(),
      &matmul_kind(),
      &batch_norm_kind(),
      &relu_kind(),
      &relu6_kind(),
      &gelu_kind(),
      &silu_kind(),
      &tanh_kind(),
      &softmax_kind(),
      &layer_norm_kind(),
      &rms_norm_kind(),
      &max_pool_kind(),
      &average_pool_kind(),
      &global_average_pool_kind(),
      &flatten_kind(),
      &image_to_tokens_kind(),
      &class_token_kind(),
      &position_kind(),
      &select_kind(),
      &cross_entropy_kind(),
      &conv_transpose2d_kind(),
      &group_norm_kind(),
      &embedding_kind(),
      &add_constant_kind(),
      &multiply_constant_kind(),
      &prelu_kind(),
      &reshape_kind(),
      &permute_kind(),
      &concat_kind(),
      &split_kind(),
      &resize_kind(),
      &attention_kind(),
      &next_token_kind(),
      &last_tokens_kind(),
      &tied_linear_kind(),
      &rotary_kind(),
      &swiglu_kind(),
      &geglu_kind(),
      &expert_linear_kind(),
      &route_kind(),
      &dispatch_kind(),
      &combine_kind(),
      &relative_bias_kind(),
      &lstm_kind(),
      &gru_kind(),
      &rnn_kind(),
      &depth_windows_kind(),
      &dropout_kind(),
  };
  for (const auto table : {binary_kinds(), elementwise_kinds(), move_kinds(), reduce_kinds()}) {
    kinds.insert(kinds.end(), table.begin(), table.end());
  }
  return kinds;
}

}  // namespace

std::span<const LayerKind* const> all_layer_kinds() {
  static const std::vector<const LayerKind*> kinds = listed_kinds();
  return kinds;
}

const LayerKind* find_layer_kind(std::string_view op) {
  for (const LayerKind* kind : all_layer_kinds()) {
    if (kind->op() == op) return kind;
  }
  return nullptr;
}

}  // namespace mxsim
