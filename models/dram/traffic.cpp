#include "models/dram/traffic.h"

namespace mxsim {
namespace {

constexpr std::int64_t kTileGroup = 16;

struct Tiles {
  std::int64_t piece_bytes;
  std::int64_t pitch_bytes;
};
constexpr Tiles kReadTiles{256, 1792};
constexpr Tiles kWriteTiles{128, 1024};
constexpr std::int64_t kTileRows = 8;

/// Byte offset of the n-th line of an array walked tile by tile.
std::int64_t tile_offset(const Tiles& tiles, std::int64_t line) {
  const std::int64_t lines = tiles.piece_bytes / Traffic::kLineBytes;
  const std::int64_t tiles_across = tiles.pitch_bytes / tiles.piece_bytes;
  const std::int64_t tile = line / (lines * kTileRows);
  const std::int64_t row = line / lines % kTileRows + tile / tiles_across * kTileRows;
  return row * tiles.pitch_bytes + tile % tiles_across * tiles.piece_bytes +
         line % lines * Traffic::kLineBytes;
}

}  // namespace

Traffic::Traffic(const TrafficSpec& spec) : spec_(spec), rng_(spec.seed, "traffic") {}

bool Traffic::next_is_write() {
  const std::int64_t period = spec_.reads + spec_.writes;
  if (spec_.pattern == TrafficPattern::kRandom) {
    const std::uint64_t draw = rng_.bits(static_cast<std::uint64_t>(2 * count_));
    return static_cast<std::int64_t>((draw >> 16) % static_cast<std::uint64_t>(period)) >=
           spec_.reads;
  }
  const std::int64_t group = spec_.pattern == TrafficPattern::kTiles ? kTileGroup : 1;
  return count_ / group % period >= spec_.reads;
}

std::int64_t Traffic::next_line(bool write) {
  const std::int64_t own = lines_[write ? 1 : 0]++;
  const std::int64_t apart = write ? spec_.region_bytes / 4 : 0;
  switch (spec_.pattern) {
    case TrafficPattern::kSequential:
      return count_ * kLineBytes;
    case TrafficPattern::kStreams:
      return apart + own * kLineBytes;
    case TrafficPattern::kTiles:
      return apart + tile_offset(write ? kWriteTiles : kReadTiles, own);
    case TrafficPattern::kRandom:
      break;
  }
  const std::uint64_t draw = rng_.bits(static_cast<std::uint64_t>(2 * count_ + 1)) >> 16;
  return static_cast<std::int64_t>(draw %
                                   static_cast<std::uint64_t>(spec_.region_bytes / kLineBytes)) *
         kLineBytes;
}

Traffic::Access Traffic::next() {
  const bool write = next_is_write();
  const std::int64_t address = next_line(write) % spec_.region_bytes;
  ++count_;
  return {address, write};
}

}  // namespace mxsim
