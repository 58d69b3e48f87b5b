#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "models/core/unit.h"
#include "models/memory/sram_geometry.h"

namespace mxsim {

/// The widest elements and vectors of each kind that a chip's buffers hold: left and right GEMM
/// operands, partial sums.
struct BufferContents {
  StoredElements left;
  StoredElements right;
  StoredElements sum;
};

/// The unit that counts the accesses of a role: kActivations kSramInput, kWeights kSramWeight,
/// kGradients kSramGradient, kAccumulators kSramAccumulator, kStreams kSramStream.
Unit unit_of(BufferRole role);

/// A buffer as it is built: words wide enough, and groups enough, for every role it serves.
struct BuiltBuffer {
  struct Part {
    Unit unit = Unit::kSramInput;
    std::int64_t banks = 1;  ///< banks' worth of capacity
  };
  std::string name;
  BufferSpec spec;
  std::int64_t word_bits = 8;
  std::int64_t groups = 1;  ///< macros of `spec.banks` banks that share the bytes
  std::vector<Part> parts;
};

/// By name. `buffers` must be valid.
std::vector<BuiltBuffer> built_buffers(const BufferSet& buffers, const BufferContents& widest);

/// What the role counted by `unit` has, if a buffer serves it.
std::optional<SramGeometry> geometry_of(Unit unit, const std::vector<BuiltBuffer>& buffers);

}  // namespace mxsim
