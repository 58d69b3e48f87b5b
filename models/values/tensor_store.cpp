#include "models/values/tensor_store.h"

#include <algorithm>
#include <utility>

#include "models/arithmetic/dot_product.h"
#include "models/arithmetic/exact_sums.h"
#include "models/arithmetic/operands.h"
#include "models/core/error.h"
#include "models/core/rng.h"
#include "models/dataflow/dataflow_table.h"
#include "models/values/array_gemm.h"
#include "models/values/depthwise_gemm.h"
#include "models/values/exact_gemm.h"
#include "models/values/fp32_gemm.h"
#include "models/values/gemm_places.h"
#include "models/values/one_bit_backward.h"

namespace mxsim {

TensorStore::TensorStore(const OpList& ops, const ArraySpec& array, Workers& workers)
    : ops_(ops), array_(array), workers_(workers), matrices_(ops.tensors.size()) {}

void TensorStore::begin_group() {
  loaded_.clear();
  used_buffers_ = 0;
}

StoredMatrix& TensorStore::held(TensorId id) {
  std::optional<StoredMatrix>& matrix = matrices_[static_cast<std::size_t>(id)];
  if (!matrix) {
    const StoredTensor& tensor = ops_.tensors[static_cast<std::size_t>(id)];
    matrix.emplace(tensor.layout, tensor.rows, tensor.cols);
  }
  return *matrix;
}

const StoredMatrix& TensorStore::matrix(TensorId id) const {
  const auto substitute = substitutes_.find(id);
  if (substitute != substitutes_.end()) return substitute->second;
  const std::optional<StoredMatrix>& matrix = matrices_[static_cast<std::size_t>(id)];
  ensure(matrix.has_value(), "a tensor is read before it is written");
  return *matrix;
}

float* TensorStore::scratch(std::int64_t elements) {
  if (used_buffers_ == buffers_.size()) buffers_.emplace_back();
  std::vector<float>& buffer = buffers_[used_buffers_++];
  if (buffer.size() < static_cast<std::size_t>(elements)) {
    buffer.resize(static_cast<std::size_t>(elements));
  }
  return buffer.data();
}

const float* TensorStore::load(TensorId id) {
  const StoredMatrix& stored = matrix(id);
  if (const float* direct = stored.direct()) return direct;
  const auto found = loaded_.find(id);
  if (found != loaded_.end()) return found->second;
  float* const values = scratch(stored.rows() * stored.cols());
  stored.decode(values, workers_);
  loaded_[id] = values;
  return values;
}

void TensorStore::store(TensorId id, const float* values) {
  store_unseen(id, values);
  if (observer_ != nullptr) observer_->cast(id, values, held(id), nullptr);
}

void TensorStore::store_unseen(TensorId id, const float* values) {
  held(id).encode(values, workers_, seed_of(id));
}

std::uint64_t TensorStore::seed_of(TensorId id) const {
  return CounterRng(seed_, "tensor").bits(static_cast<std::uint64_t>(id));
}

const float* TensorStore::operand(const OpGroup& group, TensorId id, const DataLayout& layout) {
  const float* const stored = load(id);
  const StoredMatrix& matrix = this->matrix(id);
  if (matrix.layout() == layout) return stored;
  StoredMatrix narrow(layout, matrix.rows(), matrix.cols());
  narrow.encode(stored, workers_, seed_of(id));
  if (observer_ != nullptr) observer_->cast(id, stored, narrow, &group);
  float* const values = scratch(matrix.rows() * matrix.cols());
  narrow.decode(values, workers_);
  return values;
}

namespace {

/// Whether each product is rounded into an FP32 sum by itself.
bool adds_single_products(const ArraySpec& array, const GemmWork& work) {
  const SumFormat sum = sum_of(array, work.format_a, work.format_b);
  return sum.accumulator == Accumulator::kFp32 && sum.chunk == 0 &&
         (dot_product_width(array, work.format_a, work.format_b) == 1 ||
          !rounds_vectors_once(array, work.format_a, work.format_b));
}

}  // namespace

const StoredMatrix& TensorStore::coded_operand(const OpGroup& group, TensorId id,
                                               const DataLayout& layout,
                                               std::optional<StoredMatrix>& narrow) {
  const StoredMatrix& stored = matrix(id);
  if (stored.layout() == layout) return stored;
  narrow.emplace(layout, stored.rows(), stored.cols());
  const float* const values = load(id);
  narrow->encode(values, workers_, seed_of(id));
  if (observer_ != nullptr) observer_->cast(id, values, *narrow, &group);
  return *narrow;
}

const GemmTiling* TensorStore::tiling_of(const OpGroup& group, std::size_t gemm) const {
  if (tilings_.empty()) return nullptr;
  return &tilings_.at(static_cast<std::size_t>(&group - ops_.groups.data())).at(gemm);
}

void TensorStore::multiply_codes(const OpGroup& group, const GemmWork& work,
                                 const GemmTiling* tiling, float* result) {
  std::optional<StoredMatrix> narrow_a;
  std::optional<StoredMatrix> narrow_b;
  const StoredMatrix& a = coded_operand(group, work.a, {work.format_a, work.block_a}, narrow_a);
  const StoredMatrix& b = coded_operand(group, work.b, {work.format_b, work.block_b}, narrow_b);
  const StepMatrix<float> grid_values{result, group.rows, group.cols};
  const GridSize grid = grid_size(group);
  const bool fast = tiling == nullptr && !has_images_in_columns(work);
  const std::optional<ExactMatrix> exact_a = fast ? exact_matrix(a) : std::nullopt;
  const std::optional<ExactMatrix> exact_b = fast ? exact_matrix(b) : std::nullopt;
  if (exact_a && exact_b &&
      try_multiply({array_, group.pass, work, grid, *exact_a, *exact_b, grid_values}, workers_)) {
    return;
  }
  const auto operands = [](const StoredMatrix& matrix) {
    return OperandMatrix{matrix.cols(), array_operands(matrix.quantized()),
                         OperandDecoder(matrix.layout().format)};
  };
  mxsim::multiply(
      ArrayGemm{array_, group.pass, work, grid, operands(a), operands(b), grid_values, tiling},
      workers_);
}

void TensorStore::substitute(const OpGroup& group) {
  if (!forward_ || like(group.pass) == Pass::kForward) return;
  std::map<TensorId, StoredMatrix> substitutes;
  CastObserver* const observer = std::exchange(observer_, nullptr);  // it has seen these casts
  const auto add = [&](TensorId id) {
    const ForwardOperand* const forward = forward_->find(group.layer, id);
    if (forward == nullptr || substitutes.contains(id)) return;
    const StoredMatrix& own = matrix(id);
    std::vector<float> values(static_cast<std::size_t>(own.rows() * own.cols()));
    std::copy_n(operand(group, forward->tensor, forward->layout), values.size(), values.begin());
    StoredMatrix& matrix =
        substitutes.emplace(id, StoredMatrix(own.layout(), own.rows(), own.cols())).first->second;
    matrix.encode(values.data(), workers_);
  };
  for (const GemmWork& work : group.gemms) {
    add(work.a);
    add(work.b);
  }
  observer_ = observer;
  substitutes_ = std::move(substitutes);
  for (const auto& [id, matrix] : substitutes_) loaded_.erase(id);
}

void TensorStore::restore() {
  for (const auto& [id, matrix] : substitutes_) loaded_.erase(id);
  substitutes_.clear();
}

void TensorStore::train_in_one_bit(const OneBitTraining& training) {
  one_bit_layers_ = one_bit_layers(ops_, training.samples);
  one_bit_ = training;
  follow_forward();
}

void TensorStore::multiply_one_bit(const OpGroup& group, float* result) {
  const GemmWork& work = group.gemms.front();
  const bool data = like(group.pass) == Pass::kBackwardData;
  const TensorId gradient = data ? work.a : work.b;
  const TensorId other = data ? work.b : work.a;
  const ForwardOperand* const forward = forward_->find(group.layer, other);
  ensure(forward != nullptr, "a backward GEMM without its forward operand");
  CastObserver* const observer = std::exchange(observer_, nullptr);  // it has seen this cast
  const StoredMatrix& shape = matrix(forward->tensor);
  const StepMatrix<const float> multiplied{operand(group, forward->tensor, forward->layout),
                                           shape.rows(), shape.cols()};
  observer_ = observer;
  const StoredMatrix& stored = matrix(gradient);
  const std::uint64_t seed = CounterRng(seed_of(gradient), data ? "data" : "weight").bits(0);
  mxsim::multiply(OneBitBackward{group,
                                 grid_size(group),
                                 {load(gradient), stored.rows(), stored.cols()},
                                 multiplied,
                                 one_bit_,
                                 seed},
                  result, workers_);
}

void TensorStore::multiply(const OpGroup& group, float* result) {
  if (like(group.pass) != Pass::kForward && one_bit_layers_.contains(group.layer)) {
    return multiply_one_bit(group, result);
  }
  substitute(group);
  const GridSize grid = grid_size(group);
  for (std::size_t gemm = 0; gemm < group.gemms.size(); ++gemm) {
    const GemmWork& work = group.gemms[gemm];
    const GemmTiling* const tiling = tiling_of(group, gemm);
    const StoredTensor& a = ops_.tensors[static_cast<std::size_t>(work.a)];
    const StoredTensor& b = ops_.tensors[static_cast<std::size_t>(work.b)];
    const DataLayout layout_a{work.format_a, work.block_a};
    const DataLayout layout_b{work.format_b, work.block_b};
    const StepMatrix<float> grid_values{result, group.rows, group.cols};
    if (tiling != nullptr || has_images_in_columns(work) || !adds_single_products(array_, work)) {
      multiply_codes(group, work, tiling, result);
      continue;
    }
    ArrayCommand command;
    command.dataflow = array_.dataflow[group.pass];
    command.k = work.gemm_k();
    command.width = dot_product_width(array_, work.format_a, work.format_b);
    const std::int64_t pass = info(command.dataflow).pass_reduction(array_, command);
    const Fp32Gemm fp32{work,
                        grid,
                        {operand(group, work.a, layout_a), a.rows, a.cols},
                        {operand(group, work.b, layout_b), b.rows, b.cols},
                        grid_values,
                        std::max<std::int64_t>(1, pass)};
    is_depthwise(work) ? multiply_depthwise(fp32, workers_) : mxsim::multiply(fp32, workers_);
  }
  restore();
}

}  // namespace mxsim
