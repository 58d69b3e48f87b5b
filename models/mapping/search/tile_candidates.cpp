#include "models/mapping/search/tile_candidates.h"

#include <algorithm>
#include <functional>
#include <set>

namespace mxsim {
namespace {

constexpr std::int64_t kEveryPosition = 64;
constexpr std::int64_t kEveryWeight = 144;

using Sizes = std::set<std::int64_t, std::greater<>>;

/// `aligns`: lengths whose multiples are good sizes.
std::vector<std::int64_t> sizes(std::int64_t total, const std::vector<std::int64_t>& aligns) {
  constexpr std::int64_t kEveryCount = 8;
  Sizes found;
  if (total <= kEverySize) {
    for (std::int64_t size = 1; size <= total; ++size) found.insert(size);
    return {found.begin(), found.end()};
  }
  for (std::int64_t count = 1; count <= total;
       count = count < kEveryCount ? count + 1 : count + count / 4) {
    const std::int64_t size = ceil_div(total, count);
    found.insert(size);
    for (const std::int64_t align : aligns) {
      if (size >= align) found.insert(std::min(total, round_up(size, align)));
    }
  }
  for (const std::int64_t align : aligns) found.insert(std::min(total, align));
  found.insert(1);
  return {found.begin(), found.end()};
}

std::vector<TileCandidates::Positions> every_position(const GemmWork& work) {
  std::vector<TileCandidates::Positions> found;
  for (std::int64_t images = work.images; images > 0; --images) {
    for (std::int64_t h = work.h.out; h > 0; --h) {
      for (std::int64_t w = work.w.out; w > 0; --w) found.push_back({images, h, w});
    }
  }
  return found;
}

std::vector<TileCandidates::Positions> positions(const GemmWork& work,
                                                 const std::vector<std::int64_t>& aligns) {
  if (work.images * work.h.out * work.w.out <= kEveryPosition) return every_position(work);
  std::vector<TileCandidates::Positions> found;
  for (const std::int64_t images : sizes(work.images, {})) {
    found.push_back({images, work.h.out, work.w.out});
  }
  const bool rows_only = work.w.out == 1;
  const std::vector<std::int64_t> rows =
      sizes(work.h.out, rows_only ? aligns : std::vector<std::int64_t>{});
  for (const std::int64_t h : rows) {
    if (h < work.h.out) found.push_back({1, h, work.w.out});
  }
  for (const std::int64_t w : sizes(work.w.out, {})) {
    if (w == work.w.out) continue;
    for (const std::int64_t h : {std::int64_t{1}, std::int64_t{4}, std::int64_t{16}}) {
      if (h <= work.h.out) found.push_back({1, h, w});
    }
  }
  return found;
}

std::vector<TileCandidates::Weights> weights(const GemmWork& work,
                                             const std::vector<std::int64_t>& channels,
                                             const MapperChip& chip) {
  const bool window = work.kind == GemmKind::kWindow;
  const std::int64_t all = window ? work.taps() : 1;
  const bool every = work.channels * all <= kEveryWeight;
  std::vector<TileCandidates::Weights> found;
  for (const std::int64_t each : channels) {
    const bool one_tap = chip.unrolling.one_tap() && all > 1;
    found.push_back({each, one_tap ? 1 : 0});
    if (one_tap || (!every && each < std::min(work.channels, chip.array.rows))) continue;
    for (std::int64_t taps = all - 1; taps > 0; --taps) {
      if (every || taps == 1 || taps == work.w.taps) found.push_back({each, taps});
    }
  }
  return found;
}

}  // namespace

TileCandidates tile_candidates(const GemmWork& work, const std::vector<StoredTensor>& tensors,
                               const MapperChip& chip) {
  // A scale of a whole axis is shared whatever the tile.
  const auto length = [](std::int64_t extent) { return extent == kWholeAxis ? 1 : extent; };
  const auto block = [&](TensorId id) {
    const BlockShape shape = tensors.at(static_cast<std::size_t>(id)).layout.block;
    return std::max(length(shape.rows), length(shape.cols));
  };
  const std::int64_t blocks = std::max({std::int64_t{1}, block(work.a), block(work.b)});
  const std::vector<TileCandidates::Weights> whole{{work.channels, 0}};
  // Block-diagonals fit the array and stay whole.
  if (work.packed > 1) return {positions(work, {blocks}), whole, {work.n}};
  return {
      positions(work, {blocks, chip.array.rows}),
      work.taps() == 0  // nothing is summed
          ? whole
          : weights(work, sizes(work.channels, {blocks, std::max(blocks, chip.array.rows)}), chip),
      sizes(work.n, {blocks, std::max(blocks, chip.array.cols * chip.array.grid.cols)})};
}

}  // namespace mxsim
