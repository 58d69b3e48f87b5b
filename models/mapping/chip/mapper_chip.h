#pragma once

#include <cstdint>
#include <memory>
#include <optional>

#include "models/chip/chip_spec.h"
#include "models/chip/post_processor.h"
#include "models/chip/unrolling_spec.h"
#include "models/core/unit.h"
#include "models/dataflow/array_command.h"
#include "models/mapping/chip/chip_around.h"
#include "models/mapping/chip/dram_compression.h"
#include "models/mapping/chip/mapping_objective.h"
#include "models/mapping/tiles/gemm_tiling.h"
#include "models/memory/sram_geometry.h"

namespace mxsim {

/// What mappings are compared by.
struct MappingGoal {
  MappingObjective objective = MappingObjective::kLatency;
  MappingPrices prices;
};

/// What the mapper knows of the chip.
struct MapperChip {
  ArraySpec array;
  SramGeometry input;
  SramGeometry weight;
  SramGeometry accumulator;
  VectorSpec vector;
  std::int64_t dram_burst_bytes = 64;
  double dram_bytes_per_cycle = 1;  ///< peak, per core cycle
  MappingGoal mapping = {};
  std::optional<SramGeometry> gradient = {};
  std::optional<ChipAround> around = {};  ///< without it mappings are not predicted, only estimated
  std::shared_ptr<WindowPiecesMemo> pieces = std::make_shared<WindowPiecesMemo>();
  std::optional<SramGeometry> stream = {};
  PostProcessor post_processor = {};
  DramCompression compression = {};
  UnrollingSpec unrolling = {};

  const SramGeometry& buffer(Unit unit) const;
  /// Of the buffer that results of groups without a GEMM pass.
  Unit stream_buffer() const { return stream ? Unit::kSramStream : Unit::kSramAccumulator; }
};

/// Which buffers' units count the accesses to the operands of a GEMM.
struct OperandBuffers {
  Unit left = Unit::kSramInput;
  Unit right = Unit::kSramWeight;
};

/// A gradient goes to the gradient buffer, if there is one; of two, the left one.
OperandBuffers operand_buffers(const MapperChip& chip, const GemmWork& work);

/// How the vectors of a GEMM's operands are read that lie across rows of the stored matrix; nothing
/// for an operand whose vectors lie along them.
struct ColumnReads {
  std::optional<TransposedRead> left = {};
  std::optional<TransposedRead> right = {};
};
ColumnReads column_reads(const MapperChip& chip, Dataflow dataflow, const GemmWork& work);

/// Capacity of the buffers that GEMMs use.
Bytes on_chip_bytes(const MapperChip& chip);

/// Slots of the rings of operand and result tiles.
RingSlots ring_slots(const MapperChip& chip, const GemmWork& work);

/// The tile as the array executes it, at the pace of the buffers' ports (fit_to_ports).
ArrayCommand array_command(const MapperChip& chip, Pass pass, const GemmWork& work,
                           const GemmTile& tile, Accumulate accumulate);

}  // namespace mxsim
