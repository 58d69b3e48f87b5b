#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "models/formats/format_spec.h"

namespace mxsim {

/// Rule that updates parameters from their gradients; rows of optimizer.cpp.
enum class Optimizer : std::uint8_t {
  kSgd,
  kSgdMomentum,
  kSgdNesterov,
  kAdam,
  kAdamW,
  kAdafactor,
  kLion
};

/// How parameters that GEMMs read are kept between steps. kFp32, kWide: a master copy in FP32 or in
/// the run's wide format beside the operand copies. kNone: the operand copies are all there is; the
/// update reads the first of them.
enum class MasterWeights : std::uint8_t { kFp32, kWide, kNone };

/// When parameters are updated. kEnd: after the backward pass. kEarly: once their gradient is
/// complete, beside the backward pass of the layers before. kFused: as results of the GEMM that
/// makes the gradient, which DRAM then never holds; other parameters as kEarly.
enum class UpdatePlacement : std::uint8_t { kEnd, kEarly, kFused };

/// How a training step is derived from a network.
struct TrainingPolicy {
  Optimizer optimizer = Optimizer::kSgdMomentum;
  FormatSpec state = {};  ///< that DRAM holds optimizer states in; FP32
  MasterWeights master = MasterWeights::kFp32;
  UpdatePlacement placement = UpdatePlacement::kEnd;
  /// Scale all gradients by min(1, limit / their common norm): placement kEnd.
  bool clips_gradients = false;
  double gradient_limit = 1;
  /// The loss is scaled; an update with a gradient that is not finite is skipped: placement kEnd.
  bool scales_loss = false;
  double loss_scale = 65536;
  /// Gradients of several micro-batches are added up before the update.
  bool adds_gradients = false;
  std::int64_t micro_batches = 1;  ///< whose mean the loss is
  /// Regular expressions over whole layer names. Layers for which an expression captures the same
  /// text (all of its matches, without a capture) are a segment: their backward pass computes the
  /// segment's inner activations again from its inputs.
  std::vector<std::string> recompute = {};
};

}  // namespace mxsim
