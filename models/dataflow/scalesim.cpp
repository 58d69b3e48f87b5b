#include "models/dataflow/scalesim.h"

#include "models/core/error.h"
#include "models/dataflow/array_grid.h"

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
  const std::int64_t k = command.reduction_steps();
  switch (command.dataflow) {
    case Dataflow::kOutputStationary:
      return {command.m, command.n, k, wave};
    case Dataflow::kWeightStationary:
      return {k, command.n, command.m, wave + command.load.steps(spec.rows)};
    case Dataflow::kInputStationary:
      return {k, command.m, command.n, wave + command.load.steps(spec.rows)};
  }
  throw InternalError("unknown dataflow");
}

std::int64_t folds_of_one(const ArraySpec& spec, const ArrayCommand& command) {
  const Mapping mapping = map(spec, command);
  return ceil_div(mapping.rows, spec.rows) * ceil_div(mapping.cols, spec.cols);
}

/// Sum of f(share) over the arrays of the grid.
template <class F>
std::int64_t sum_of_shares(const ArraySpec& spec, const ArrayCommand& command, F f) {
  std::int64_t sum = 0;
  GridShares(spec.grid, command)
      .for_each_kind(command, [&](const ArrayCommand& share, const ShareCount& count) {
        sum += count.arrays * f(share);
      });
  return sum;
}

}  // namespace

std::int64_t folds(const ArraySpec& spec, const ArrayCommand& command) {
  return sum_of_shares(spec, command,
                       [&](const ArrayCommand& share) { return folds_of_one(spec, share); });
}

std::int64_t scalesim_cycles(const ArraySpec& spec, const ArrayCommand& command) {
  const Mapping mapping = map(spec, command);
  return folds_of_one(spec, command) * (mapping.streamed + mapping.fixed_steps) - 1;
}

double mapping_efficiency(const ArraySpec& spec, const ArrayCommand& command) {
  const std::int64_t used = sum_of_shares(spec, command, [&](const ArrayCommand& share) {
    const Mapping mapping = map(spec, share);
    return mapping.rows * mapping.cols;
  });
  return static_cast<double>(used) /
         (static_cast<double>(folds(spec, command)) * static_cast<double>(spec.rows * spec.cols));
}

std::int64_t scalesim_output_writes(const ArraySpec& spec, const ArrayCommand& command) {
  return sum_of_shares(spec, command, [&](const ArrayCommand& share) {
    const std::int64_t results = share.m * share.n;
    if (share.dataflow == Dataflow::kOutputStationary) {
      return results + folds_of_one(spec, share) * (spec.rows + spec.cols);
    }
    return results * ceil_div(share.reduction_steps(), spec.rows);
  });
}

}  // namespace mxsim
