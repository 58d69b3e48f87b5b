#pragma once

#include <cstdint>

#include "models/core/rng.h"

namespace mxsim {

/// kSequential: one stream of addresses; kStreams: reads and writes each go through a region of
/// their own; kTiles: likewise in tiles of 8 rows, 256 bytes at a pitch of 1792 read and 128 bytes
/// at a pitch of 1024 written, 16 lines of one after 16 of the other; kRandom: lines drawn
/// uniformly.
enum class TrafficPattern : std::uint8_t { kSequential, kStreams, kTiles, kRandom };

/// Reads and writes alternate in groups of `reads` and `writes` lines (kTiles: of 16 times as
/// many); kRandom draws each direction with that chance.
struct TrafficSpec {
  TrafficPattern pattern = TrafficPattern::kRandom;
  std::int64_t reads = 1;
  std::int64_t writes = 1;
  std::uint64_t seed = 1;
  std::int64_t region_bytes = std::int64_t{1} << 30;  ///< addresses lie below it; wrap beyond it
};

/// Synthetic traffic of 64-byte lines, a pure function of the specification.
class Traffic {
 public:
  static constexpr std::int64_t kLineBytes = 64;

  struct Access {
    std::int64_t byte_address;
    bool write;
    bool operator==(const Access&) const = default;
  };

  explicit Traffic(const TrafficSpec& spec);

  Access next();

 private:
  bool next_is_write();
  std::int64_t next_line(bool write);

  TrafficSpec spec_;
  CounterRng rng_;
  std::int64_t count_ = 0;
  std::int64_t lines_[2] = {0, 0};  ///< so far, of reads and of writes
};

}  // namespace mxsim
