#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "models/chip/chip_spec.h"
#include "models/core/pass.h"
#include "models/formats/format_spec.h"

namespace mxsim {

/// Which tensors DRAM holds in the GEMM format; the others are BF16 and, when a GEMM needs them,
/// are quantized on load. kOperands: activations, weights and gradients that feed GEMMs.
enum class StoragePolicy : std::uint8_t { kAll, kOperands, kWeightsActivations, kNone };

/// Which copy of a tensor elementwise layers read: kWide: one at least as wide as the wide format;
/// kNarrow: the GEMM's, where there is one.
enum class ElementwiseReads : std::uint8_t { kWide, kNarrow };

/// When the scale of a whole tensor is known. kDelayed: from the largest values of earlier steps:
/// results are encoded as they come. kCurrent: from the tensor itself: its largest value is
/// searched as results come, DRAM holds them in the wide format, and a pass of its own encodes
/// them.
enum class TensorScale : std::uint8_t { kDelayed, kCurrent };

/// How the network's inputs arrive in DRAM. kWide: BF16. kOperand: as the first GEMM that reads
/// them multiplies them; BF16 where none does. kNamed: in FormatPolicy::input_format.
enum class InputForm : std::uint8_t { kWide, kOperand, kNamed };

/// Formats of the GEMM operands of some layers, by tensor role; empty: the default format.
struct FormatOverride {
  /// Regular expression (ECMAScript) that the whole layer name matches; or @first, @last: of the
  /// layers with GEMMs; or @op:KIND: all layers of that kind.
  std::string layers;
  bool may_match_none = false;
  std::vector<Pass> passes;  ///< it holds for; empty: all
  std::optional<FormatSpec> weights;
  std::optional<FormatSpec> activations;
  std::optional<FormatSpec> gradients;
};

/// Which numbers the work is done in.
struct FormatPolicy {
  std::string recipe;               ///< name of what the fields below come from; "": none
  FormatSpec format;                ///< of all GEMM operands that no override names
  std::optional<BlockShape> block;  ///< of formats with a block scale; empty: the format's own
  TransposePolicy transpose = TransposePolicy::kAuto;
  StoragePolicy storage = StoragePolicy::kOperands;
  ElementwiseReads elementwise = ElementwiseReads::kWide;
  TensorScale tensor_scale = TensorScale::kDelayed;
  InputForm input = InputForm::kWide;
  FormatSpec input_format;                ///< kNamed
  std::vector<FormatOverride> overrides;  ///< the first that matches layer and pass decides
};

}  // namespace mxsim
