#include "models/dataflow/stationary_rule.h"

#include <algorithm>

namespace mxsim {

std::int64_t StationaryRule::load_delay(const StationaryPass& pass,
                                        const StationaryPass& next) const {
  const std::int64_t wave = (std::min(pass.rows, next.rows) - 1) * (latency_ - 1);
  const std::int64_t needed = buffering_ == WeightBuffering::kDouble ? wave : pass.length + wave;
  const std::int64_t first_vector = pace_.steps(1) - 1;
  return std::max<std::int64_t>(0, needed - first_vector);
}

std::int64_t StationaryRule::exit_delay(const StationaryPass& pass,
                                        const StationaryPass& next) const {
  return pass.length + (pass.rows - next.rows) * latency_;
}

std::int64_t StationaryRule::gap(const StationaryPass& pass, const StationaryPass& next) const {
  return std::max(
      {pass.length, load_delay(pass, next) + pace_.steps(next.rows), exit_delay(pass, next)});
}

std::int64_t StationaryRule::tail(const StationaryPass& pass) const {
  return pass.length + pass.rows * latency_ + pass.cols - 2;
}

}  // namespace mxsim
