#pragma once

#include <optional>
#include <tuple>
#include <vector>

#include "models/mapping/program/epilogue.h"
#include "models/mapping/program/result_tiles.h"
#include "models/mapping/tiles/gemm_tiling.h"

namespace mxsim {

/// Builds the commands of a group with GEMMs (see program_builder.h).
class GemmProgram {
 public:
  GemmProgram(const BuildContext& context, std::uint32_t group);

  /// Queues all but the group's end: finish() does that.
  void build(const std::vector<GemmTiling>& tilings);
  /// Queues the last epilogue and the reductions.
  void finish();
  std::vector<ByteRange> written_ranges() const { return epilogue_.written_ranges(); }

 private:
  struct Operand {
    TensorId tensor;
    Unit buffer;
    DataLayout layout;  ///< what the array multiplies
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
  /// Queues what the tile reads and returns what makes it ready.
  std::vector<CommandId> fetch_operands(std::size_t gemm, const GemmTile& tile);
  CommandId fetch(const Operand& operand);
  std::vector<DramRun> runs_of(const Operand& operand) const;
  ResultTiles::Tile result_tile(std::size_t gemm, const GemmTile& tile, std::int64_t number) const;
  void add_epilogue(const PendingTile& pending);

  BuildContext context_;
  std::uint32_t index_;
  const OpGroup& group_;
  GridSize grid_;
  Epilogue epilogue_;
  bool begun_ = false;   ///< its first fetches are queued
  ResultTiles results_;  ///< of the current GEMM
  std::int64_t spill_pitch_ = 0;
  std::optional<PendingTile> pending_;
};

}  // namespace mxsim
