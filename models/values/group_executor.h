#pragma once

#include <map>
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
/// chunk (one chunk where there are more than 2^18 sums).
///
/// Rows of a table that a step reads by number (an embedding, positions from some token on) are
/// values of their own to the chip, which moves no others; here they come from the table.
template <class T>
class GroupExecutor {
 public:
  /// What is referred to outlives this.
  GroupExecutor(const OpList& ops, TensorMemory<T>& memory, Workers& workers);

  void run(const OpGroup& group, const StepSettings& settings);

 private:
  using Buffer = std::vector<T>;

  StepMatrix<const T> found(const OpGroup& group, const GroupRead& read);
  StepMatrix<const T> looked_up(const OpGroup& group, const GroupStep& step, TensorId rows);
  StepMatrix<T> left(const OpGroup& group, std::int32_t value);
  StepData<T> data_of(const OpGroup& group, const GroupStep& step, const StepSettings& settings);
  void run_step(const OpGroup& group, const GroupStep& step, const StepSettings& settings);
  void run_with_sums(const GroupStep& step, const StepData<T>& data, std::int64_t chunk_rows);

  const OpList& ops_;
  TensorMemory<T>& memory_;
  Workers& workers_;
  std::vector<Buffer> values_;
  std::map<TensorId, TensorId> tables_;  ///< of looked-up rows
  Buffer rows_;
};

/// Throws InputError that names every step without a function: layer and operator.
void check_functions(const OpList& ops);

}  // namespace mxsim
