#pragma once

#include "sim/import/lowering/tensor_network.h"
#include "sim/import/lowering/trace_builder.h"

namespace mxsim {

/// Puts one operator into layers of the trace. Throws InputError for a form of the operator that
/// has no meaning here.
using Lowering = void (*)(const NetNode& node, TraceBuilder& trace);

/// Of an operator, or null.
Lowering find_lowering(const NetNode& node);

// One file for each family.
void lower_convolution(const NetNode& node, TraceBuilder& trace);
void lower_transposed_convolution(const NetNode& node, TraceBuilder& trace);
void lower_pool(const NetNode& node, TraceBuilder& trace);
void lower_global_pool(const NetNode& node, TraceBuilder& trace);
void lower_batch_norm(const NetNode& node, TraceBuilder& trace);
void lower_instance_norm(const NetNode& node, TraceBuilder& trace);
void lower_response_norm(const NetNode& node, TraceBuilder& trace);

void lower_gemm(const NetNode& node, TraceBuilder& trace);
void lower_einsum(const NetNode& node, TraceBuilder& trace);
void lower_matmul(const NetNode& node, TraceBuilder& trace);

void lower_identity(const NetNode& node, TraceBuilder& trace);
void lower_unary(const NetNode& node, TraceBuilder& trace);
void lower_clip(const NetNode& node, TraceBuilder& trace);
void lower_binary(const NetNode& node, TraceBuilder& trace);
void lower_where(const NetNode& node, TraceBuilder& trace);
void lower_sum(const NetNode& node, TraceBuilder& trace);

void lower_reshape(const NetNode& node, TraceBuilder& trace);
void lower_transpose(const NetNode& node, TraceBuilder& trace);
void lower_concat(const NetNode& node, TraceBuilder& trace);
void lower_split(const NetNode& node, TraceBuilder& trace);
void lower_move(const NetNode& node, TraceBuilder& trace);
void lower_gather(const NetNode& node, TraceBuilder& trace);
void lower_unstack(const NetNode& node, TraceBuilder& trace);
void lower_resize(const NetNode& node, TraceBuilder& trace);
void lower_depth_to_space(const NetNode& node, TraceBuilder& trace);

void lower_recurrent(const NetNode& node, TraceBuilder& trace);

void lower_softmax(const NetNode& node, TraceBuilder& trace);
void lower_row_norm(const NetNode& node, TraceBuilder& trace);
void lower_reduction(const NetNode& node, TraceBuilder& trace);

/// An axis attribute, negative ones counted from the end; throws InputError outside the rank.
std::size_t axis_of(std::int64_t axis, std::size_t rank);

}  // namespace mxsim
