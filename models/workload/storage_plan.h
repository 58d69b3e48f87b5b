#pragma once

#include <cstdint>
#include <vector>

#include "models/workload/format_rules.h"
#include "models/workload/fusion.h"
#include "models/workload/step.h"

namespace mxsim {

/// Makes one stored copy of a value from another before the group that first needs it.
struct Conversion {
  std::int32_t before_group = 0;
  ValueId value = -1;
  TensorId from = -1;
  TensorId to = -1;
};

/// What DRAM holds of every value. A value is stored if a group reads what another group computed,
/// if it is given, or if it is a result of the network.
///
/// Copies of activations, gradients and weights:
///   - each GEMM that reads the value needs it in a layout (FormatRules); equal layouts are one
///     copy. Tiles, BF16 and FP32 have one layout for both orientations; 1-D blocks have two.
///   - elementwise readers take, with storage `all`, the first of these copies (or one narrow copy
///     of their own), and with ElementwiseReads::kNarrow the first, if there is one; otherwise a
///     copy that is at least as wide as the wide format. So a tensor that a GEMM and a residual
///     addition read is stored twice with storage `operands`: narrow and wide.
///   - all copies are written when the value is computed; with `requantize` only the first
///     block-scaled one is, and each other block-scaled one is made from it before its first use.
///   - with current scales of whole tensors (TensorScale) a copy that has one is made from a wide
///     copy, or from the master, before its first use;
///   - with `dual` or `requantize` asked for, tiles too have a copy for each orientation.
///   - inputs of the network are given in one form (InputForm): all other copies are made from it
///     before their first use. Operand copies of weights are given, and written for the next step
///     by the update; an FP32 operand of training is the master itself;
///   - what is appended to operands of earlier steps is written in each of their layouts.
struct StoragePlan {
  std::vector<StoredTensor> tensors;
  std::vector<std::vector<TensorId>> written;  ///< of each value, when it is computed
  std::vector<TensorId> elementwise;           ///< of each value: what elementwise steps read
  std::vector<bool> searched;  ///< of each value: its largest magnitude is found as it is computed
  struct Operands {
    TensorId a = -1;
    TensorId b = -1;
    DataLayout layout_a;  ///< what is multiplied
    DataLayout layout_b;
  };
  std::vector<Operands> operands;       ///< of each step with a GEMM
  std::vector<Conversion> conversions;  ///< ordered by before_group
};

/// Throws InputError when policy `reuse` meets 1-D blocks that are needed along both axes.
StoragePlan plan_storage(const StepList& list, const std::vector<FusedGroup>& groups,
                         const FormatRules& rules);

}  // namespace mxsim
