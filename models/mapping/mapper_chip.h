#pragma once

#include <cstdint>

#include "models/chip/chip_spec.h"
#include "models/dataflow/array_command.h"
#include "models/mapping/gemm_tile.h"
#include "models/memory/sram_geometry.h"

namespace mxsim {

/// What the mapper knows of the chip.
struct MapperChip {
  ArraySpec array;
  SramGeometry input;
  SramGeometry weight;
  SramGeometry accumulator;
  VectorSpec vector;
  std::int64_t dram_burst_bytes = 64;
  double dram_bytes_per_cycle = 1;  ///< peak, per core cycle
};

/// The tile as the array executes it. Results move in and out of one slot of the accumulator
/// buffer, so its banks serve a read and a write of every step.
ArrayCommand array_command(const MapperChip& chip, Pass pass, const GemmWork& work,
                           const GemmTile& tile, Accumulate accumulate);

}  // namespace mxsim
