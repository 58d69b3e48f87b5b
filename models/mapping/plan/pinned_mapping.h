#pragma once

#include <optional>
#include <string>
#include <vector>

#include "models/core/pass.h"
#include "models/mapping/chip/mapper_chip.h"

namespace mxsim {

/// A mapping that the user wants for some layers.
struct PinnedMapping {
  std::string layers = ".*";             ///< regular expression for whole layer names
  std::optional<Pass> pass;              ///< none: every pass with GEMMs
  GemmTiling tiling{0, 0, 0, 0, 0, {}};  ///< sizes above an extent, and 0, mean the whole of it
};

/// The tiling of the first pin that names the group, cut down to the extents of the GEMM.
std::optional<GemmTiling> pinned_tiling(const std::vector<PinnedMapping>& pins,
                                        const OpGroup& group, const GemmWork& work);

}  // namespace mxsim
