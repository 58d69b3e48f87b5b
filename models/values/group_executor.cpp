#include "models/values/group_executor.h"

#include <algorithm>
#include <set>

#include "models/core/error.h"
#include "models/core/units.h"
#include "models/values/table_rows.h"

namespace mxsim {
namespace {

constexpr std::int64_t kLeastChunkRows = 256;
constexpr std::int64_t kMostChunks = 64;

std::int64_t chunk_rows(MatrixView grid) {
  return std::max(kLeastChunkRows, ceil_div(grid.rows, kMostChunks));
}

/// A table's gradient: each chunk would have one of its own.
bool sums_are_large(const OpGroup& group, const GroupStep& step) {
  constexpr std::int64_t kLarge = 1 << 18;
  return std::any_of(step.sums.begin(), step.sums.end(), [&](std::int32_t value) {
    const MatrixView view = group.values[static_cast<std::size_t>(value)].view;
    return view.rows * view.cols > kLarge;
  });
}

}  // namespace

template <class T>
GroupExecutor<T>::GroupExecutor(const OpList& ops, TensorMemory<T>& memory, Workers& workers)
    : ops_(ops), memory_(memory), workers_(workers) {
  tables_ = tables_of_rows(ops);
}

template <class T>
StepMatrix<const T> GroupExecutor<T>::looked_up(const OpGroup& group, const GroupStep& step,
                                                TensorId rows) {
  const TensorId table = tables_.at(rows);
  const StoredTensor& wanted = ops_.tensors[static_cast<std::size_t>(rows)];
  const StoredTensor& held = ops_.tensors[static_cast<std::size_t>(table)];
  const T* const from = memory_.load(table);
  rows_.resize(static_cast<std::size_t>(wanted.rows * wanted.cols));
  const bool by_number = step.op == "embedding";
  const T* const numbers = by_number ? found(group, step.reads[0]).data : nullptr;
  const std::int64_t first = by_number ? 0 : step.function.parameters.extents.at(0);
  for (std::int64_t row = 0; row < wanted.rows; ++row) {
    const std::int64_t number = by_number ? static_cast<std::int64_t>(numbers[row]) : first + row;
    if (number < 0 || number >= held.rows) {
      throw InputError({{"", "",
                         "layer \"" + step.layer + "\": number " + std::to_string(number) +
                             " of a table of " + std::to_string(held.rows) + " rows"}});
    }
    std::copy_n(from + number * held.cols, held.cols, rows_.data() + row * held.cols);
  }
  return {rows_.data(), wanted.rows, wanted.cols};
}

template <class T>
StepMatrix<const T> GroupExecutor<T>::found(const OpGroup& group, const GroupRead& read) {
  if (read.value >= 0) {
    const MatrixView view = group.values[static_cast<std::size_t>(read.value)].view;
    return {values_[static_cast<std::size_t>(read.value)].data(), view.rows, view.cols};
  }
  const StoredTensor& tensor = ops_.tensors[static_cast<std::size_t>(read.tensor)];
  return {memory_.load(read.tensor), tensor.rows, tensor.cols};
}

template <class T>
StepMatrix<T> GroupExecutor<T>::left(const OpGroup& group, std::int32_t value) {
  const MatrixView view = group.values[static_cast<std::size_t>(value)].view;
  Buffer& buffer = values_[static_cast<std::size_t>(value)];
  const auto elements = static_cast<std::size_t>(view.rows * view.cols);
  if (buffer.size() < elements) buffer.resize(elements);
  return {buffer.data(), view.rows, view.cols};
}

template <class T>
StepData<T> GroupExecutor<T>::data_of(const OpGroup& group, const GroupStep& step,
                                      const StepSettings& settings) {
  StepData<T> data{step.grid, {}, {}, {}, {}, step.function.parameters, settings};
  for (const GroupRead& read : step.reads) {
    data.reads.push_back(tables_.contains(read.tensor) ? looked_up(group, step, read.tensor)
                                                       : found(group, read));
  }
  for (const GroupRead& read : step.broadcasts) data.broadcasts.push_back(found(group, read));
  for (const std::int32_t value : step.writes) data.writes.push_back(left(group, value));
  for (const std::int32_t value : step.sums) data.sums.push_back(left(group, value));
  return data;
}

template <class T>
void GroupExecutor<T>::run_with_sums(const GroupStep& step, const StepData<T>& data,
                                     std::int64_t rows) {
  const std::int64_t chunks = ceil_div(data.grid.rows, rows);
  std::vector<std::vector<Buffer>> parts(static_cast<std::size_t>(chunks));
  workers_.run(chunks, [&](std::int64_t chunk) {
    StepData<T> own = data;
    std::vector<Buffer>& sums = parts[static_cast<std::size_t>(chunk)];
    for (StepMatrix<T>& sum : own.sums) {
      sum.data = sums.emplace_back(static_cast<std::size_t>(sum.rows * sum.cols)).data();
    }
    step.function.kernel<T>()(own, chunk * rows, std::min(data.grid.rows, (chunk + 1) * rows));
  });
  for (std::size_t i = 0; i < data.sums.size(); ++i) {
    T* const sum = data.sums[i].data;
    std::copy(parts[0][i].begin(), parts[0][i].end(), sum);
    for (std::size_t chunk = 1; chunk < parts.size(); ++chunk) {
      const Buffer& part = parts[chunk][i];
      for (std::size_t e = 0; e < part.size(); ++e) sum[e] += part[e];
    }
  }
}

template <class T>
void GroupExecutor<T>::run_step(const OpGroup& group, const GroupStep& step,
                                const StepSettings& settings) {
  if (step.is_gemm) return memory_.multiply(group, left(group, step.writes[0]).data);
  ensure(static_cast<bool>(step.function), "a step without a function");
  const StepData<T> data = data_of(group, step, settings);
  const std::int64_t rows = chunk_rows(step.grid);
  if (!step.sums.empty()) {
    return run_with_sums(step, data, sums_are_large(group, step) ? step.grid.rows : rows);
  }
  workers_.run(ceil_div(step.grid.rows, rows), [&](std::int64_t chunk) {
    step.function.kernel<T>()(data, chunk * rows, std::min(step.grid.rows, (chunk + 1) * rows));
  });
}

template <class T>
void GroupExecutor<T>::run(const OpGroup& group, const StepSettings& settings) {
  memory_.begin_group();
  if (group.steps.empty()) {
    ensure(group.slices == 1, "a slice of a group has no steps");
    const T* const values = memory_.load(group.streamed_reads.front());
    for (const TensorWrite& write : group.writes) memory_.store(write.tensor, values);
    return;
  }
  if (values_.size() < group.values.size()) values_.resize(group.values.size());
  for (const GroupStep& step : group.steps) run_step(group, step, settings);
  for (std::size_t v = 0; v < group.values.size(); ++v) {
    for (const TensorId id : group.values[v].stored) memory_.store(id, values_[v].data());
  }
}

template class GroupExecutor<float>;
template class GroupExecutor<double>;

void check_functions(const OpList& ops) {
  std::set<std::string> messages;
  std::vector<Diagnostic> faults;
  for (const OpGroup& group : ops.groups) {
    for (const GroupStep& step : group.steps) {
      if (step.is_gemm || step.function) continue;
      std::string message = "layer \"" + step.layer + "\": no values yet for " + step.op;
      if (messages.insert(message).second) faults.push_back({"", "/workload", std::move(message)});
    }
  }
  if (!faults.empty()) throw InputError(std::move(faults));
}

}  // namespace mxsim
