#pragma once

#include <cstdint>

#include "models/mapping/chip/mapper_chip.h"

namespace mxsim {

/// The buffer whose ports hold up a GEMM's commands most.
struct PortBound {
  Unit buffer = Unit::kSramInput;
  std::int64_t vector_bits = 0;  ///< longest vector of one array
  bool gathered = false;         ///< element by element, each from a word of its own
  Cycles cycles{0};              ///< at the pace of the ports
  Cycles unhindered{0};          ///< if ports did not hold them up

  /// The array computes at most half of the time.
  bool bounds() const { return cycles > unhindered && cycles >= unhindered * 2; }
};

/// Of all products of the GEMM, each as one command, whose vectors are as long as those of any of
/// its tiles.
PortBound port_bound(const MapperChip& chip, Pass pass, const GemmWork& work);

}  // namespace mxsim
