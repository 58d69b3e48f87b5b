#pragma once

#include <cstdint>
#include <vector>

#include "models/core/units.h"
#include "models/dram/address_map.h"

namespace mxsim {

/// `rows` pieces of `row_bytes` bytes; piece i begins at base + i * stride.
struct DramRun {
  std::int64_t base = 0;
  std::int64_t row_bytes = 0;
  std::int64_t stride = 0;
  std::int64_t rows = 1;

  Bytes payload() const { return Bytes(row_bytes * rows); }
  bool operator==(const DramRun&) const = default;
};

/// Pieces without a gap between them are one piece.
DramRun joined(DramRun run);

/// Bursts next to each other in one row of one bank.
struct DramSegment {
  int bank = 0;
  std::int64_t row = 0;
  std::int64_t burst = 0;  ///< first
  std::int64_t count = 0;
  bool operator==(const DramSegment&) const = default;
};

/// Walks the bursts of a run that lie in one channel, in address order piece by piece. A piece
/// moves every burst it touches whole; pieces without a gap between them are one piece.
class RunCursor {
 public:
  RunCursor(const AddressMap& map, const DramRun& run, int channel);

  /// The next segment; false at the end.
  bool next(DramSegment& segment);

  /// A place on the walk.
  struct Position {
    std::int64_t piece = 0;
    std::int64_t next = 0;
    std::int64_t end = 0;
  };
  Position position() const { return {piece_, next_, end_}; }
  void go_to(const Position& position) {
    piece_ = position.piece;
    next_ = position.next;
    end_ = position.end;
  }

  /// All bursts of `run`, by channel.
  static std::vector<std::int64_t> count_bursts(const AddressMap& map, const DramRun& run);

 private:
  void enter_piece();
  void enter_stretch(std::int64_t first);

  const AddressMap* map_;
  DramRun run_;
  int channel_;
  std::int64_t piece_ = 0;
  std::int64_t next_ = 0;  ///< burst number
  std::int64_t end_ = 0;   ///< one past the piece's last burst number
  // Of the stretch (AddressMap::stretch_bits) of the last segment.
  std::int64_t stretch_ = -1;  ///< its first burst number
  std::int64_t below_ = 0;     ///< bursts of the channel before it
  DramSegment place_;          ///< of its first burst
};

}  // namespace mxsim
