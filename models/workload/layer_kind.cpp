#include "models/workload/layer_kind.h"

#include <array>

#include "models/workload/kinds/kinds.h"

namespace mxsim {

std::span<const LayerKind* const> all_layer_kinds() {
  static const std::array kinds{
      &conv2d_kind(),
      &linear_kind(),
      &matmul_kind(),
      &batch_norm_kind(),
      &relu_kind(),
      &relu6_kind(),
      &gelu_kind(),
      &silu_kind(),
      &tanh_kind(),
      &add_kind(),
      &multiply_kind(),
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
  };
  return kinds;
}

const LayerKind* find_layer_kind(std::string_view op) {
  for (const LayerKind* kind : all_layer_kinds()) {
    if (kind->op() == op) return kind;
  }
  return nullptr;
}

}  // namespace mxsim
