#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "models/workload/matrix_view.h"
#include "models/workload/op_list.h"

namespace mxsim {

/// Index into StepList::values.
using ValueId = std::int32_t;

/// What decides the format a value has when it is stored.
enum class ValueForm : std::uint8_t {
  kByPolicy,   ///< activations and their gradients: storage policy and formats of the run
  kParameter,  ///< GEMM operand copies of a parameter: formats of the run
  kWide,       ///< the run's wide format (gradients of GEMM parameters)
  kFp32,       ///< statistics, per-channel vectors, master weights
  kState,      ///< optimizer states: format of the training policy
  kCode,       ///< integers of `code_bits` bits (masks, positions, labels)
};

/// Given values exist before the step: inputs, parameters, states; updates write them for the next.
enum class ValueOrigin : std::uint8_t { kGiven, kComputed };

/// A matrix of the training step. It is stored only if a group needs what another group computed.
struct Value {
  std::string name;
  TensorRole role = TensorRole::kActivation;
  ValueForm form = ValueForm::kByPolicy;
  ValueOrigin origin = ValueOrigin::kComputed;
  MatrixView view;
  std::int32_t layer = -1;  ///< that makes it (forward) or whose output it is the gradient of
  int code_bits = 0;
  ValueId master = -1;   ///< kParameter: its master, if training keeps one
  bool passing = false;  ///< StoredTensor::passing
  bool lasting = false;  ///< StoredTensor::lasting
  ValueId tail_of = -1;  ///< it becomes the last rows of that value, in each of its layouts
};

/// kGemm, kWindowed (pooling reads another size than it writes; softmax needs whole rows) and
/// kElementwise compute one grid element after the other. kReduction sums over the rows of its grid
/// and writes small results at the end.
enum class StepKind : std::uint8_t { kGemm, kWindowed, kElementwise, kReduction };

/// Along which axis of its matrix view a GEMM operand is summed (and its 1-D blocks run).
enum class ReductionAxis : std::uint8_t { kRows, kCols };

struct GemmOperand {
  ValueId value = -1;
  ReductionAxis axis = ReductionAxis::kCols;
};

/// The smallest piece of work of a layer: one GEMM (or its phases), one elementwise function, one
/// reduction. Writes come into being in the order of StepList.
struct Step {
  std::int32_t layer = -1;
  Pass pass = Pass::kForward;
  StepKind kind = StepKind::kElementwise;
  std::string op;
  MatrixView grid;
  std::vector<GemmWork> gemms;  ///< shapes only; operands and formats come from `a` and `b`
  GemmOperand a;
  GemmOperand b;
  std::vector<VectorOps> ops;
  StepFunction function;            ///< what `ops` compute; nothing for a GEMM
  std::vector<ValueId> reads;       ///< in step with the grid
  std::vector<ValueId> broadcasts;  ///< small, read once
  std::vector<ValueId> writes;      ///< the first is the grid itself unless kReduction
  std::vector<ValueId> sums;        ///< small, written once at the end beside `writes`
};

/// Everything a training or inference step computes, before fusion and storage are decided.
struct StepList {
  std::vector<Value> values;
  std::vector<Step> steps;
  std::vector<ValueId> outputs;  ///< must be stored whoever reads them
};

}  // namespace mxsim
