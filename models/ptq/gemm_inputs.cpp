#include "models/ptq/gemm_inputs.h"

#include "models/mapping/tiles/operand_data.h"
#include "models/values/gemm_places.h"
#include "models/values/stored_matrix.h"

namespace mxsim {
namespace {

std::vector<float> operand_values(StepExecutor& executor, TensorId id, const DataLayout& layout,
                                  Workers& workers) {
  TensorStore& store = executor.store();
  store.begin_group();
  const float* const stored = store.load(id);
  const StoredMatrix& matrix = store.matrix(id);
  std::vector<float> values(stored, stored + matrix.rows() * matrix.cols());
  if (matrix.layout() == layout) return values;
  StoredMatrix narrow(layout, matrix.rows(), matrix.cols());
  narrow.encode(values.data(), workers);
  narrow.decode(values.data(), workers);
  return values;
}

}  // namespace

const GemmWork* weight_gemm(const OpList& ops, const OpGroup& group) {
  if (group.gemms.size() != 1 || group.slices != 1) return nullptr;
  const GemmWork& work = group.gemms.front();
  const bool plain = work.kind == GemmKind::kWindow && work.batch == 1 && work.packed == 1 &&
                     work.product_count == 0 && work.first_row == 0 && work.first_matrix == 0 &&
                     work.b_orientation == Orientation::kAsStored &&
                     work.b_groups == GroupAxis::kColumns && work.a_groups == GroupAxis::kColumns;
  if (!plain || work.role_b != TensorRole::kWeight) return nullptr;
  const StoredTensor& weights = ops.tensors[static_cast<std::size_t>(work.b)];
  const bool own = value_name(weights) == group.layer + ".weight" &&
                   weights.rows == work.gemm_k() && weights.cols == work.groups * work.n;
  return own ? &work : nullptr;
}

GemmInputs::GemmInputs(StepExecutor& executor, const OpGroup& group, const GemmWork& work,
                       Workers& workers)
    : work_(work),
      grid_(grid_size(group)),
      cols_(executor.ops().tensors[static_cast<std::size_t>(work.a)].cols),
      values_(operand_values(executor, work.a, {work.format_a, work.block_a}, workers)) {}

RowMatrix GemmInputs::rows(std::int64_t group, std::int64_t begin, std::int64_t count) const {
  const GemmPlaces places(work_, grid_, group);
  RowMatrix rows = RowMatrix::Zero(count, work_.gemm_k());
  for (std::int64_t r = 0; r < count; ++r) {
    const GemmPlaces::Position position = places.position(begin + r);
    double* to = rows.row(r).data();
    for (std::int64_t t = 0; t < work_.h.taps; ++t) {
      for (std::int64_t u = 0; u < work_.w.taps; ++u, to += work_.channels) {
        const std::int64_t row = places.left_row(position, t, u);
        if (row < 0) continue;
        const float* const from = values_.data() + row * cols_ + places.left_col();
        for (std::int64_t c = 0; c < work_.channels; ++c) to[c] = from[c];
      }
    }
  }
  return rows;
}

}  // namespace mxsim
