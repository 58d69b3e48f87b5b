#pragma once

#include <span>

#include "models/workload/layer_kind.h"

namespace mxsim {

// One function a file of this folder; its file states the FP32 operations each element costs.
const LayerKind& conv2d_kind();
const LayerKind& linear_kind();
const LayerKind& matmul_kind();
const LayerKind& batch_norm_kind();
const LayerKind& relu_kind();
const LayerKind& relu6_kind();
const LayerKind& gelu_kind();
const LayerKind& silu_kind();
const LayerKind& tanh_kind();
const LayerKind& softmax_kind();
const LayerKind& layer_norm_kind();
const LayerKind& rms_norm_kind();
const LayerKind& max_pool_kind();
const LayerKind& average_pool_kind();
const LayerKind& global_average_pool_kind();
const LayerKind& flatten_kind();
const LayerKind& image_to_tokens_kind();
const LayerKind& class_token_kind();
const LayerKind& position_kind();
const LayerKind& select_kind();
const LayerKind& cross_entropy_kind();
const LayerKind& conv_transpose2d_kind();
const LayerKind& group_norm_kind();
const LayerKind& embedding_kind();
const LayerKind& add_constant_kind();
const LayerKind& multiply_constant_kind();
const LayerKind& prelu_kind();
const LayerKind& reshape_kind();
const LayerKind& permute_kind();
const LayerKind& concat_kind();
const LayerKind& split_kind();
const LayerKind& resize_kind();
const LayerKind& attention_kind();
const LayerKind& next_token_kind();
const LayerKind& last_tokens_kind();
const LayerKind& tied_linear_kind();
const LayerKind& rotary_kind();
const LayerKind& swiglu_kind();
const LayerKind& geglu_kind();
const LayerKind& expert_linear_kind();
const LayerKind& route_kind();
const LayerKind& dispatch_kind();
const LayerKind& combine_kind();
const LayerKind& relative_bias_kind();
const LayerKind& lstm_kind();
const LayerKind& gru_kind();
const LayerKind& rnn_kind();

// Tables of operators that differ in their rows alone.
std::span<const LayerKind* const> elementwise_kinds();
std::span<const LayerKind* const> binary_kinds();
std::span<const LayerKind* const> move_kinds();
std::span<const LayerKind* const> reduce_kinds();

}  // namespace mxsim
