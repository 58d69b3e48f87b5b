#pragma once

#include <string>
#include <vector>

#include "models/values/tensor_memory.h"
#include "models/values/workers.h"

namespace mxsim {

/// Runs groups of an op list on real values: stored tensors are decoded, the steps that were fused
/// compute with unrounded intermediates in T, and each result is stored with the cast of its
/// layout.
///
/// Order of additions: a step's grid is cut into chunks of rows whose number depends on the grid
/// alone; sums over rows are added up from +0 in order of the rows within a chunk, then chunk after
/// chunk.
template <class T>
class GroupExecutor {
 public:
  /// What is referred to outlives this.
  GroupExecutor(const OpList& ops, TensorMemory<T>& memory, Workers& workers)
      : ops_(ops), memory_(memory), workers_(workers) {}

  void run(const OpGroup& group, const StepSettings& settings);

 private:
  using Buffer = std::vector<T>;

  StepMatrix<const T> found(const OpGroup& group, const GroupRead& read);
  StepMatrix<T> left(const OpGroup& group, std::int32_t value);
  StepData<T> data_of(const OpGroup& group, const GroupStep& step, const StepSettings& settings);
  void run_step(const OpGroup& group, const GroupStep& step, const StepSettings& settings);
  void run_with_sums(const GroupStep& step, const StepData<T>& data, std::int64_t chunk_rows);

  const OpList& ops_;
  TensorMemory<T>& memory_;
  Workers& workers_;
  std::vector<Buffer> values_;
};

/// Throws InputError that names every step without a function: layer and operator.
void check_functions(const OpList& ops);

}  // namespace mxsim
