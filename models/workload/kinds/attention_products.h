#pragma once

#include "models/workload/op_list.h"

namespace mxsim {

/// Extents of batch x heads products of queries with keys, or of their scores with values. Tensors
/// of tokens hold their heads side by side, batch x tokens x (head, column); scores hold them one
/// below the other, batch x (head, query) x key.
struct AttentionProduct {
  std::int64_t batch = 1;
  std::int64_t heads = 1;   ///< of keys and values
  std::int64_t shared = 1;  ///< query heads that use one head of keys and values, side by side
  std::int64_t queries = 1;
  std::int64_t keys = 1;
  std::int64_t width = 1;  ///< columns of one head
  /// How keys and values hold their heads; a cache holds them one below the other, batch x
  /// (head, key) x column, so that each is read in one piece.
  GroupAxis key_heads = GroupAxis::kColumns;
};

/// scores = x y^T: queries x with keys y.
GemmWork scores_gemm(const AttentionProduct& product);
/// x = scores y: each query's sum of the values y.
GemmWork weighted_sum_gemm(const AttentionProduct& product);
/// y = scores^T x: summed over the queries, as a weight gradient is over positions.
GemmWork transposed_sum_gemm(const AttentionProduct& product);

}  // namespace mxsim
