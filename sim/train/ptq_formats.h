#pragma once

#include <string>

#include "sim/config/run_config.h"

namespace mxsim {

/// The same run with all GEMM operands in BF16, formats of single layers included.
RunConfig in_bf16(RunConfig run);

/// The same run with the activations of all layers in `activations`, and weights as they are.
RunConfig with_activations(RunConfig run, const FormatSpec& activations);

/// The same run with the weights of all layers in `weights`, in the blocks of its name, and all
/// activations in `activations`.
RunConfig with_formats(RunConfig run, const FormatSpec& weights, const FormatSpec& activations);

/// The same run with formats for quantization-aware training: forward GEMMs as they are, all
/// operands of backward GEMMs in BF16.
RunConfig with_wide_gradients(RunConfig run);

/// Signed integers of this width with an FP32 scale for each output channel.
FormatSpec channel_integers(int bits);

/// Throws InputError with the faults of a run that was put together here, under the run's file.
void check_formats(const RunConfig& run, const std::string& file);

}  // namespace mxsim
