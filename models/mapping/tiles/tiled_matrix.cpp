#include "models/mapping/tiles/tiled_matrix.h"

#include <algorithm>
#include <utility>

#include "models/core/units.h"

namespace mxsim {

TiledMatrix::TiledMatrix(std::int64_t base, std::int64_t rows, std::int64_t cols, DramTile tile,
                         std::vector<Plane> planes)
    : base_(base),
      rows_(rows),
      cols_(cols),
      tile_(tile),
      planes_(std::move(planes)),
      band_bits_(bits_before(tile.rows, cols)) {}

std::int64_t TiledMatrix::bits_before(std::int64_t height, std::int64_t col) const {
  std::int64_t bits = 0;
  for (const Plane& plane : planes_) {
    bits += ceil_div(height, plane.block.rows) * ceil_div(col, plane.block.cols) * plane.bits;
  }
  return bits;
}

std::int64_t TiledMatrix::height(std::int64_t band) const {
  return std::min(tile_.rows, rows_ - band * tile_.rows);
}

void TiledMatrix::append_rows(std::vector<DramRun>& runs, StepRange rows, Range cols) const {
  if (rows.count == 0 || cols.count == 0) return;
  if (rows.step == 1) return append_range(runs, rows.start, rows.start + rows.count, cols);
  for (std::int64_t i = 0; i < rows.count; ++i) {
    const std::int64_t row = rows.start + i * rows.step;
    append_range(runs, row, row + 1, cols);
  }
}

void TiledMatrix::append_range(std::vector<DramRun>& runs, std::int64_t begin, std::int64_t end,
                               Range cols) const {
  while (begin < end) {
    const std::int64_t band = begin / tile_.rows;
    const std::int64_t first = band * tile_.rows;
    const std::int64_t high = height(band);
    const std::int64_t full = begin > first || high < tile_.rows ? 0 : (end - begin) / tile_.rows;
    if (full > 0) {
      append_bands(runs, {band, high, full}, cols);
      begin += full * tile_.rows;
      continue;
    }
    const Rows rows{begin - first, std::min(end - first, high)};
    if (rows.begin == 0 && rows.end == high) {
      append_bands(runs, {band, high, 1}, cols);
    } else {
      append_part(runs, {band, high, 1}, rows, cols);
    }
    begin = first + rows.end;
  }
}

/// Whole tiles side by side are one piece of each band.
void TiledMatrix::append_bands(std::vector<DramRun>& runs, Bands bands, Range cols) const {
  const std::int64_t first = std::min(round_up(cols.start, tile_.cols), cols.end());
  const std::int64_t last =
      cols.end() == cols_ ? cols_ : std::max(first, cols.end() / tile_.cols * tile_.cols);
  const auto edge = [&](std::int64_t from, std::int64_t to) {
    if (from >= to) return;
    for (Bands band{bands.first, bands.height, 1}; band.first < bands.first + bands.count;
         ++band.first) {
      append_in_tile(runs, band, {0, bands.height}, {from, to - from});
    }
  };
  edge(cols.start, first);
  if (first < last) {
    append(runs, {base_, first_bit(bands, first),
                  bits_before(bands.height, last) - bits_before(bands.height, first), band_bits_,
                  bands.count});
  }
  edge(std::max(first, last), cols.end());
}

/// Some rows of one band: a piece of each of the tiles of full width that lie side by side.
void TiledMatrix::append_part(std::vector<DramRun>& runs, Bands band, Rows rows, Range cols) const {
  const std::int64_t first = std::min(round_up(cols.start, tile_.cols), cols.end());
  const std::int64_t tiles = (cols.end() - first) / tile_.cols;
  if (cols.start < first) append_in_tile(runs, band, rows, {cols.start, first - cols.start});
  if (tiles > 0) {
    const std::int64_t pitch = bits_before(band.height, tile_.cols);
    std::int64_t plane_bit = first_bit(band, first);
    for (const Plane& plane : planes_) {
      const std::int64_t line = tile_.cols / plane.block.cols * plane.bits;
      const std::int64_t begin = rows.begin / plane.block.rows;
      const std::int64_t lines = ceil_div(rows.end, plane.block.rows) - begin;
      append(runs, {base_, plane_bit + begin * line, lines * line, pitch, tiles});
      plane_bit += ceil_div(band.height, plane.block.rows) * line;
    }
  }
  const std::int64_t rest = first + tiles * tile_.cols;
  if (rest < cols.end()) append_in_tile(runs, band, rows, {rest, cols.end() - rest});
}

/// Columns of one tile.
void TiledMatrix::append_in_tile(std::vector<DramRun>& runs, Bands band, Rows rows,
                                 Range cols) const {
  const std::int64_t left = cols.start / tile_.cols * tile_.cols;
  const std::int64_t width = std::min(tile_.cols, cols_ - left);
  std::int64_t plane_bit = first_bit(band, left);
  for (const Plane& plane : planes_) {
    const std::int64_t line = ceil_div(width, plane.block.cols);
    const std::int64_t begin = rows.begin / plane.block.rows;
    const std::int64_t lines = ceil_div(rows.end, plane.block.rows) - begin;
    const std::int64_t from = (cols.start - left) / plane.block.cols;
    const std::int64_t to = ceil_div(cols.end() - left, plane.block.cols);
    append(runs, {base_, plane_bit + (begin * line + from) * plane.bits, (to - from) * plane.bits,
                  line * plane.bits, lines});
    plane_bit += ceil_div(band.height, plane.block.rows) * line * plane.bits;
  }
}

}  // namespace mxsim
