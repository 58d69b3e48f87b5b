#pragma once

#include <memory>
#include <vector>

#include "models/dataflow/array_grid.h"
#include "sim/array/array_engine.h"

namespace mxsim {

/// One command on the PEs of all arrays of a grid, step by step; each array does its share
/// (models/dataflow/array_grid.h).
class GridEngine {
 public:
  /// `grids`: the registers of every array, row by row of the grid.
  GridEngine(const ArraySpec& spec, const ArrayCommand& command, const TileData& data,
             std::vector<PeGrid>& grids);

  /// One array step: `interval` core cycles.
  void step();
  bool done() const { return running_ == 0; }
  std::int64_t steps() const { return steps_; }
  /// The engine of one array; null when it has no share.
  const ArrayEngine* engine(std::size_t array) const { return engines_[array]; }
  /// Cycles and counts of the steps made so far.
  ArrayCost cost() const;

 private:
  /// What one array works on: columns of B are gathered where the grid cuts N.
  struct Share {
    ShareCount reads;  ///< of this array alone
    std::int64_t first_m = 0;
    std::int64_t first_n = 0;
    std::int64_t steps = 0;  ///< until it was done
    ArrayCommand command;
    std::vector<ArrayOperand> b;
    std::unique_ptr<ArrayEngine> engine;
  };
  void gather(Share& share);

  ArraySpec spec_;
  ArrayCommand command_;
  TileData data_;
  std::vector<Share> shares_;
  std::vector<const ArrayEngine*> engines_;  ///< by array
  std::size_t running_ = 0;
  std::int64_t steps_ = 0;
  std::uint64_t waiting_cycles_ = 0;  ///< PE-cycles of arrays without work
};

/// Registers of every array of a grid, row by row.
std::vector<PeGrid> make_grids(const ArraySpec& spec);

}  // namespace mxsim
