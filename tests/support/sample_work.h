#pragma once

#include "models/workload/op_list.h"

namespace mxsim::testing {

/// A hand-made piece of a training step in one format: a ragged strided convolution with epilogue,
/// its weight gradient, the two-phase data gradient of a strided 1x1 convolution, and a stream.
OpList sample_work(const FormatSpec& format, BlockShape block);

/// Multiply-accumulates of `ops` by its shapes.
std::int64_t total_macs(const OpList& ops);

}  // namespace mxsim::testing
