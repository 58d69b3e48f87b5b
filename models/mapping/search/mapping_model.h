#pragma once

#include <array>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "models/mapping/chip/mapper_chip.h"
#include "models/mapping/memory/residency.h"
#include "models/mapping/plan/mapping_cost.h"
#include "models/mapping/search/epilogue_cost.h"
#include "models/mapping/search/mapping_footprint.h"
#include "models/mapping/search/transfer_times.h"
#include "models/mapping/tiles/gemm_tiling.h"

namespace mxsim {

/// What the mappings of one GEMM of a group cost on a chip. DRAM bytes are those that the built
/// program moves, burst by burst; tensors that are kept on the chip move none.
class MappingModel {
 public:
  /// All outlive the model.
  MappingModel(const OpGroup& group, const GemmWork& work, const std::vector<StoredTensor>& tensors,
               const MapperChip& chip, KeptTensors kept = {});

  const GemmWork& work() const { return work_; }
  const StoredTensor& left() const { return left_; }
  const StoredTensor& right() const { return right_; }

  /// Why the mapping cannot be: the first buffer that a tile does not fit, with numbers. "": it
  /// can.
  std::string misfit(const GemmTiling& tiling);
  /// The mapping must fit.
  MappingCost cost(const GemmTiling& tiling);
  /// An operand's part of a cheap bound: bytes that its fullest tile has on chip at least, and
  /// bytes that all tiles together move at least.
  struct OperandSizes {
    std::int64_t tile = 0;
    std::int64_t all = 0;
  };
  /// What follows when all tiles but the last are done: the mean of all.
  struct LastTile {
    double results = 0;
    double share = 1;  ///< of the array's work
  };
  LastTile last_tile(const GemmTiling& tiling) const;
  /// What a cheap bound of a tiling takes from its sizes alone, whatever the loop order.
  struct Sizes {
    TileTrips trips;
    OperandSizes left;
    OperandSizes right;
    LastTile last;
    std::int64_t results = 0;  ///< bytes that move in step with the results at least
  };
  /// Nothing when it is easy to see that a tile does not fit. The left operand depends on positions
  /// and channels of the tiling, the right one on columns and on channels or, in a weight gradient,
  /// positions.
  std::optional<Sizes> sizes(const GemmTiling& tiling);
  std::optional<OperandSizes> left_sizes(const GemmTiling& tiling);
  std::optional<OperandSizes> right_sizes(const GemmTiling& tiling);
  bool results_fit(std::int64_t tile_results) const;
  std::int64_t tile_results(const GemmTiling& tiling) const;
  /// Bytes of results and streamed reads at least, in tiles of so many columns.
  std::int64_t least_of(const StoredTensor& tensor, GroupAxis images, std::int64_t rows,
                        SplitColumns columns) const;
  std::int64_t least_results(std::int64_t n) const;
  /// A cost that no loop order's cost() scores below. Nor do sizes of which every number is at
  /// least as large.
  MappingCost bound(const Sizes& sizes) const;
  /// The same with the array's exact part.
  MappingCost closer_bound(const Sizes& sizes, const GemmTiling& tiling);
  /// The operands' exact parts; nothing when they do not fit.
  std::optional<OperandSizes> exact_left(const GemmTiling& tiling);
  std::optional<OperandSizes> exact_right(const GemmTiling& tiling);

 private:
  using RegionOf = TensorRegion (*)(const GemmWork&, const GemmTile&);
  /// Sizes that a table of tiles depends on.
  using Key = std::array<std::int64_t, 6>;
  /// A tile's most bytes in SRAM, and the bursts of all tiles, each fetched once.
  struct Moves {
    std::int64_t largest = 0;
    std::int64_t bytes = 0;
    double channel_cycles = 0;  ///< of all DRAM transfers
    double longest_cycles = 0;  ///< of one of them
    std::int64_t transfers = 0;
    std::int64_t tiles = 0;  ///< results only
    OnChipMoves on_chip = {};
    double read_cycles = 0;         ///< of DMA's path and the buffer's ports, DRAM or not
    double written_cycles = 0;      ///< results only
    std::int64_t streamed = 0;      ///< results only: read in step with them
    std::int64_t partial_sums = 0;  ///< results only: all of them, unfinished
  };
  struct ArrayTotals {
    double cycles = 0;  ///< of tiles behind one another
    double end = 0;     ///< from when another tile could begin to the last result, of the longest
    double sram_pj = 0;
  };

  /// Cycles that transfers of so many tiles take where each waits for its turn. An input slot is
  /// filled, used by the array and filled again; one of results is used by the array and the
  /// epilogue, and stored; a direction of the DMA has so many outstanding.
  struct Turns {
    double inputs = 0;
    double results = 0;
    double transfers = 0;
    double issue = 0;  ///< of the commands, one after the other
  };

  const Moves& left_moves(const GemmTiling& tiling);
  const Moves& right_moves(const GemmTiling& tiling);
  const Moves& result_moves(const GemmTiling& tiling);
  const ArrayTotals& array_totals(const GemmTiling& tiling);
  ArrayTotals array_cost(const ArrayCommand& command, std::int64_t tiles) const;
  /// Bursts that a compressed tensor's part moves are added to `times`.
  std::int64_t moved(const StoredTensor& tensor, std::vector<DramRun> runs,
                     TransferTimes& times) const;
  struct Operand {
    TensorId id;
    const FormatSpec& format;
    RegionOf region;
    Unit buffer;
    std::pair<Axes, Axes> axes;  ///< that its tiles depend on
  };
  Moves operand_moves(const Operand& operand, const GemmTiling& tiling);
  void add_result(const TensorRegion& place, Moves& moves, TransferTimes& times) const;
  double at_peak(std::int64_t bytes) const;  ///< core cycles of all of DRAM's channels
  /// Bytes from DRAM before the array can begin.
  std::int64_t first_fetch(std::int64_t left, std::int64_t right) const;
  std::int64_t result_bytes(std::int64_t tile_results) const;
  std::int64_t least_right(const GemmTiling& tiling) const;
  std::int64_t least_of(const StoredTensor& tensor, std::int64_t rows, SplitColumns columns) const;
  struct Transfers {
    std::int64_t left = 0;
    std::int64_t right = 0;
    std::int64_t results = 0;  ///< tiles
    std::int64_t spills = 0;   ///< of each
  };
  Turns turns(const MappingCost& cost, const Transfers& transfers) const;
  MappingCost bound(const Sizes& sizes, ArrayTotals array) const;
  std::int64_t least_operand_traffic(const Sizes& sizes) const;
  ArrayTotals least_array(const Sizes& sizes) const;
  /// Completes traffic, array and channels.
  MappingCost finish(MappingCost cost, const LastTile& last, const Turns& turns) const;

  const OpGroup& group_;
  const GemmWork& work_;
  const std::vector<StoredTensor>& tensors_;
  const MapperChip& chip_;
  KeptTensors kept_;
  OperandBuffers buffers_;
  const StoredTensor& left_;
  const StoredTensor& right_;
  GridSize grid_;
  std::int64_t results_;  ///< of this GEMM
  RingSlots slots_;
  EpilogueCost epilogue_;
  double issue_;              ///< core cycles of a command; 0 if unknown
  double latency_;            ///< of a transfer beside its bytes, core cycles; 0 if unknown
  std::int64_t outstanding_;  ///< transfers of a direction
  AxisPieces h_;
  AxisPieces w_;
  std::int64_t side_bits_ = 0;  ///< of the streamed reads, per result
  ArrayTotals whole_;           ///< no tiling takes less
  std::optional<DramLoad> load_;
  std::map<Key, Moves> left_moves_, right_moves_, result_moves_;
  std::map<Key, ArrayTotals> array_totals_;
};

}  // namespace mxsim
