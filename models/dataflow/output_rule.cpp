#include "models/dataflow/output_rule.h"

#include <algorithm>

namespace mxsim {

// The last reduction element of the last group enters row 0 at (length - 1) latency + groups - 1,
// reaches the last row rows - 1 steps later and is added latency - 1 steps after that.
std::int64_t OutputRule::finish(const OutputPass& pass) const {
  return operand_steps(pass) + pass.groups + pass.rows - 3;
}

std::int64_t OutputRule::chain_delay(const OutputPass& pass, const OutputPass& next) const {
  const std::int64_t shared = std::min(pass.rows, next.rows) - 1;
  if (buffering_ == WeightBuffering::kDouble) {
    return pass.rows + (shared + 1) * (pass.groups - 1) + operand_steps(pass) - operand_steps(next);
  }
  return finish(pass) + pass.groups + 1 + shared * (pass.groups - 1);
}

std::int64_t OutputRule::exit_delay(const OutputPass& pass, const OutputPass& next) const {
  return finish(pass) + pass.rows * pass.groups - finish(next);
}

std::int64_t OutputRule::gap(const OutputPass& pass, const OutputPass& next) const {
  return std::max({operand_steps(pass), chain_delay(pass, next), exit_delay(pass, next)});
}

std::int64_t OutputRule::tail(const OutputPass& pass) const {
  return finish(pass) + pass.rows * pass.groups + pass.cols;
}

}  // namespace mxsim
