#pragma once

#include <map>
#include <optional>
#include <vector>

#include "models/mapping/program/build_context.h"

namespace mxsim {

/// The result tiles of one GEMM in the slots of the accumulator buffer. A tile whose reduction is
/// not complete stays in its slot until another tile takes it; then its FP32 partial sums are
/// stored, and read again when the reduction goes on.
class ResultTiles {
 public:
  explicit ResultTiles(const BuildContext& context) : context_(context) {}

  /// All tiles of the GEMM before are complete.
  void begin_gemm() { stored_.clear(); }

  /// A result tile by its number in the GEMM (TilePosition::result).
  struct Tile {
    std::int64_t number = 0;
    Bytes bytes{0};            ///< of its partial sums
    std::int64_t address = 0;  ///< where they are stored
  };

  /// Gives a tile that begins its reduction, or has been stored, the next slot. Returns what must
  /// be finished before anything is done with it.
  std::vector<CommandId> open(const Tile& tile, bool begins);
  /// Whether the array worked on the open tile last: it adds in the order of its commands and need
  /// not wait for itself.
  bool is_on_array(std::int64_t number) const;
  /// The array has worked on the open tile.
  void computed(std::int64_t number, CommandId by);
  /// The tile is complete: its slot, which the epilogue frees.
  std::size_t close(std::int64_t number);

 private:
  struct Open {
    Tile tile;
    std::size_t slot = 0;
    std::vector<CommandId> ready;
    bool on_array = false;
  };
  std::size_t take_slot();
  void store(const Open& open);

  BuildContext context_;
  std::vector<Open> open_;
  std::map<std::int64_t, CommandId> stored_;
};

}  // namespace mxsim
