#pragma once

#include <optional>
#include <tuple>
#include <vector>

#include "models/mapping/epilogue.h"
#include "models/mapping/gemm_tiling.h"
#include "models/mapping/slot_ring.h"
#include "models/memory/sram_geometry.h"

namespace mxsim {

/// Slots of the three buffers.
struct BufferSlots {
  std::int64_t input = 2;
  std::int64_t weight = 2;
  std::int64_t accumulator = 2;
};

/// Builds the commands of a group with GEMMs (see program_builder.h).
class GemmProgram {
 public:
  GemmProgram(const OpList& ops, const OpGroup& group, const MemoryPlan& plan, BufferSlots slots);

  Program build(const std::vector<GemmTiling>& tilings);

 private:
  /// Which part of which GEMM's operand a slot holds.
  struct OperandKey {
    std::size_t gemm = 0;
    std::int64_t product = 0;
    Range images, h, w, channels, n;
    bool operator==(const OperandKey&) const = default;
  };
  struct Operand {
    TensorId tensor;
    Unit buffer;
    FormatSpec format;
    OperandKey key;
    TensorRegion region;
  };
  /// A finished result tile whose epilogue is not queued yet.
  struct PendingTile {
    std::size_t gemm;
    GemmTile tile;
    std::vector<CommandId> computed;
    std::size_t slot;
  };

  void add_tile(std::size_t gemm, const GemmTile& tile, TilePosition position);
  Operand left_operand(std::size_t gemm, const GemmTile& tile) const;
  Operand right_operand(std::size_t gemm, const GemmTile& tile) const;
  CommandId fetch(SlotRing<OperandKey>& ring, const Operand& operand);
  void add_epilogue(const PendingTile& pending);

  const OpList& ops_;
  const OpGroup& group_;
  const MemoryPlan& plan_;
  GridSize grid_;
  Program program_;
  Epilogue epilogue_;
  SlotRing<OperandKey> input_;
  SlotRing<OperandKey> weight_;
  /// For each accumulator slot, what must finish before new results may enter it.
  std::vector<std::vector<CommandId>> result_users_;
  std::size_t result_slot_ = 0;
  std::vector<CommandId> computed_;  ///< array commands of the current result tile
  std::optional<PendingTile> pending_;
};

}  // namespace mxsim
