#pragma once

#include <map>
#include <string>
#include <utility>

#include "models/formats/layout.h"
#include "models/workload/op_list.h"

namespace mxsim {

/// A stored tensor and the layout in which a forward GEMM multiplies it.
struct ForwardOperand {
  TensorId tensor = -1;
  DataLayout layout;
};

/// Weights and activations of forward GEMMs by layer and value: operands that the backward GEMMs of
/// the layer stand for with straight-through estimators (Bengio et al., arXiv 1308.3432).
class ForwardOperands {
 public:
  explicit ForwardOperands(const OpList& ops);

  /// The operand `id` of a backward GEMM of `layer` as the forward pass has it, or nullptr.
  const ForwardOperand* find(const std::string& layer, TensorId id) const;

 private:
  const OpList& ops_;
  std::map<std::pair<std::string, std::string>, ForwardOperand> operands_;
};

}  // namespace mxsim
