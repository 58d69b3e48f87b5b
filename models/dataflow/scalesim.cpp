#include "models/dataflow/scalesim.h"

#include "models/core/error.h"

namespace mxsim {
namespace {

/// The GEMM's extents as the array sees them.
struct Mapping {
  std::int64_t rows;
  std::int64_t cols;
  std::int64_t streamed;
  std::int64_t fixed_steps;  ///< of a fold, beside the streamed ones
};

Mapping map(const ArraySpec& spec, const ArrayCommand& command) {
  const std::int64_t wave = spec.rows + spec.cols - 2;
  switch (command.dataflow) {
    case Dataflow::kOutputStationary:
      return {command.m, command.n, command.k, wave};
    case Dataflow::kWeightStationary:
      return {command.k, command.n, command.m, wave + spec.rows};
    case Dataflow::kInputStationary:
      return {command.k, command.m, command.n, wave + spec.rows};
  }
  throw InternalError("unknown dataflow");
}

}  // namespace

std::int64_t folds(const ArraySpec& spec, const ArrayCommand& command) {
  const Mapping mapping = map(spec, command);
  return ceil_div(mapping.rows, spec.rows) * ceil_div(mapping.cols, spec.cols);
}

std::int64_t scalesim_cycles(const ArraySpec& spec, const ArrayCommand& command) {
  const Mapping mapping = map(spec, command);
  return folds(spec, command) * (mapping.streamed + mapping.fixed_steps) - 1;
}

double mapping_efficiency(const ArraySpec& spec, const ArrayCommand& command) {
  const Mapping mapping = map(spec, command);
  return static_cast<double>(mapping.rows) * static_cast<double>(mapping.cols) /
         (static_cast<double>(folds(spec, command)) * static_cast<double>(spec.rows * spec.cols));
}

std::int64_t scalesim_output_writes(const ArraySpec& spec, const ArrayCommand& command) {
  if (command.dataflow == Dataflow::kOutputStationary) {
    return command.m * command.n + folds(spec, command) * (spec.rows + spec.cols);
  }
  return command.m * command.n * ceil_div(command.k, spec.rows);
}

}  // namespace mxsim
