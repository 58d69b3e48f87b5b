#include "models/workload/kinds/attention_products.h"

namespace mxsim {
namespace {

GemmWork work_of(const AttentionProduct& p) {
  GemmWork work;
  work.batch = p.batch;
  work.groups = p.heads;
  work.images = p.shared;
  work.h.in = work.h.out = p.queries;
  return work;
}

/// Of a tensor with one column block for each query head.
GroupAxis query_images(const AttentionProduct& p) {
  return p.shared > 1 ? GroupAxis::kColumns : GroupAxis::kRows;
}

}  // namespace

GemmWork scores_gemm(const AttentionProduct& p) {
  GemmWork work = work_of(p);
  work.channels = p.width;
  work.n = p.keys;
  work.b_orientation = Orientation::kTransposed;
  work.result_groups = GroupAxis::kRows;
  work.a_images = query_images(p);
  work.b_groups = p.key_heads;
  return work;
}

GemmWork weighted_sum_gemm(const AttentionProduct& p) {
  GemmWork work = work_of(p);
  work.channels = p.keys;
  work.n = p.width;
  work.a_groups = GroupAxis::kRows;
  work.result_images = query_images(p);
  work.b_groups = p.key_heads;
  return work;
}

GemmWork transposed_sum_gemm(const AttentionProduct& p) {
  GemmWork work = weighted_sum_gemm(p);
  work.kind = GemmKind::kWeightGradient;
  work.b_images = work.result_images;
  work.result_images = GroupAxis::kRows;
  return work;
}

}  // namespace mxsim
