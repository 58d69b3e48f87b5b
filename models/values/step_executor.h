#pragma once

#include <map>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "models/values/group_executor.h"
#include "models/values/tensor_store.h"
#include "models/workload/step_settings.h"

namespace mxsim {

/// A training or inference step that runs on real values, group by group. Values are known by name:
/// that of a stored tensor up to '@'.
class StepExecutor {
 public:
  /// Throws InputError that names steps without a function. The array and the workers must outlive
  /// this.
  StepExecutor(OpList ops, const ArraySpec& array, Workers& workers);
  StepExecutor(const StepExecutor&) = delete;
  StepExecutor& operator=(const StepExecutor&) = delete;

  const OpList& ops() const { return ops_; }
  bool has(const std::string& value) const { return copies_.contains(value); }
  /// Stores a value that exists before the step, in every layout that it is stored in.
  void give(const std::string& value, std::span<const float> values);
  void run(const StepSettings& settings);
  /// The groups of the forward pass alone.
  void run_forward(const StepSettings& settings);
  /// One group alone.
  void run_group(std::size_t group, const StepSettings& settings);
  /// The value from its widest copy.
  std::vector<float> read(const std::string& value);
  /// Names of the values that exist before the step.
  std::vector<std::string> given() const;
  /// A stored tensor of that name.
  const StoredTensor& tensor(const std::string& value) const;
  TensorStore& store() { return store_; }

 private:
  TensorId widest(const std::string& value) const;

  OpList ops_;
  std::map<std::string, std::vector<TensorId>> copies_;
  std::set<TensorId> made_;  ///< written by a group
  TensorStore store_;
  GroupExecutor<float> executor_;
};

}  // namespace mxsim
