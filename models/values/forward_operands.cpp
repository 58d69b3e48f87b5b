#include "models/values/forward_operands.h"

#include <string_view>

#include "models/mapping/tiles/operand_data.h"

namespace mxsim {
namespace {

bool is_quantized(TensorRole role) {
  return role == TensorRole::kWeight || role == TensorRole::kMasterWeight ||
         role == TensorRole::kActivation;
}

/// A backward GEMM in FP32 reads the master weights.
std::string operand_name(const StoredTensor& tensor) {
  constexpr std::string_view kMaster = ".master";
  std::string name = value_name(tensor);
  if (name.ends_with(kMaster)) name.resize(name.size() - kMaster.size());
  return name;
}

}  // namespace

ForwardOperands::ForwardOperands(const OpList& ops) : ops_(ops) {
  const auto add = [&](const OpGroup& group, TensorId id, TensorRole role, DataLayout layout) {
    if (!is_quantized(role)) return;
    const std::string value = operand_name(ops.tensors[static_cast<std::size_t>(id)]);
    operands_.insert({{group.layer, value}, {id, std::move(layout)}});
  };
  for (const OpGroup& group : ops.groups) {
    if (group.pass != Pass::kForward) continue;
    for (const GemmWork& work : group.gemms) {
      add(group, work.a, work.role_a, {work.format_a, work.block_a});
      add(group, work.b, work.role_b, {work.format_b, work.block_b});
    }
  }
}

const ForwardOperand* ForwardOperands::find(const std::string& layer, TensorId id) const {
  const StoredTensor& tensor = ops_.tensors[static_cast<std::size_t>(id)];
  const auto found = operands_.find({layer, operand_name(tensor)});
  return found == operands_.end() ? nullptr : &found->second;
}

}  // namespace mxsim
