#pragma once

#include <string>

#include "models/formats/format_parser.h"
#include "models/workload/lower.h"

namespace mxsim::testing {

/// SGD with weights and activations in these formats forward, everything in FP32 backward.
inline LoweringPolicy forward_formats(std::int64_t batch, const std::string& weights,
                                      const std::string& activations) {
  LoweringPolicy policy;
  policy.batch = batch;
  policy.training.optimizer = Optimizer::kSgd;
  policy.wide = parse_format("fp32");
  policy.formats.format = parse_format("fp32");
  FormatOverride backward;
  backward.layers = ".*";
  backward.passes = {Pass::kBackwardData, Pass::kBackwardWeight};
  FormatOverride forward;
  forward.layers = ".*";
  forward.weights = parse_format(weights);
  forward.activations = parse_format(activations);
  policy.formats.overrides = {backward, forward};
  return policy;
}

}  // namespace mxsim::testing
