#pragma once

#include <map>
#include <string>
#include <vector>

#include "models/values/tensor_memory.h"

namespace mxsim::testing {

/// Tensors without any rounding to formats, and GEMMs by their definition: what the program's
/// arithmetic is compared with.
class DoubleMemory : public TensorMemory<double> {
 public:
  explicit DoubleMemory(const OpList& ops);

  const double* load(TensorId id) override;
  void store(TensorId id, const double* values) override;
  void multiply(const OpGroup& group, double* result) override;

  /// Every copy of the value of that name.
  void give(const std::string& value, const std::vector<double>& values);
  std::vector<double>& of(const std::string& value);
  bool has(const std::string& value) const { return ids_.contains(value); }

 private:
  const OpList& ops_;
  std::vector<std::vector<double>> tensors_;
  std::map<std::string, std::vector<TensorId>> ids_;
};

}  // namespace mxsim::testing
