#include "models/mapping/search/mapping_footprint.h"

#include <algorithm>
#include <array>

namespace mxsim {
namespace {

/// Tiles of one size along one loop.
struct Extent {
  std::int64_t size;
  std::int64_t count;
};

/// All full tiles and the partial last.
class Extents {
 public:
  Extents(std::int64_t total, std::int64_t piece) {
    const std::int64_t full = total / piece;
    const std::int64_t rest = total - full * piece;
    if (full > 0) sizes_[count_++] = {piece, full};
    if (rest > 0) sizes_[count_++] = {rest, 1};
  }
  const Extent* begin() const { return sizes_.data(); }
  const Extent* end() const { return sizes_.data() + count_; }

 private:
  std::array<Extent, 2> sizes_{};
  std::size_t count_ = 0;
};

/// Elements, or what stands once a block, of a matrix with so many columns.
struct Fields {
  std::int64_t bits;
  std::int64_t cols;
  BlockShape block;
  bool row_major;
};

std::int64_t least_moved(const Fields& fields, std::int64_t rows, SplitColumns columns,
                         std::int64_t burst) {
  const std::int64_t lines = rows / fields.block.rows;
  const auto bytes = [&](std::int64_t cols) {
    return ceil_div(cols, fields.block.cols) * fields.bits / 8;
  };
  std::int64_t sum = 0;
  for (const Extent extent : Extents(columns.total, columns.piece)) {
    const std::int64_t piece = bytes(extent.size);
    // Pieces that lie more than a burst apart share none. In tiles pieces of rows may touch.
    const bool apart = fields.row_major && piece + 2 * burst <= bytes(fields.cols);
    sum +=
        extent.count * (apart ? lines * ceil_div(piece, burst) * burst
                              : lines * ceil_div(extent.size, fields.block.cols) * fields.bits / 8);
  }
  return sum;
}

/// A full piece of the axis that reads the most inputs: padding cuts those at the borders short.
Range fullest_piece(const WindowAxis& axis, std::int64_t piece) {
  const std::int64_t pieces = axis.out / piece;
  Range best{0, piece};
  for (const std::int64_t i : {std::int64_t{1}, std::int64_t{2}, pieces / 2}) {
    if (i >= pieces) continue;
    const Range other{i * piece, piece};
    if (input_footprint(axis, other).count > input_footprint(axis, best).count) best = other;
  }
  return best;
}

/// Calls `visit` with the tile moved to every range along the axis.
template <class Visit>
void for_each_along(const GemmWork& work, const GemmTiling& tiling, Axes axis, GemmTile tile,
                    const Visit& visit) {
  const auto along = [](std::int64_t total, std::int64_t piece, Range& range, const auto& inner) {
    for (std::int64_t start = 0; start < total; start += piece) {
      range = {start, std::min(piece, total - start)};
      inner();
    }
  };
  if (axis == Axes::kChannels || (axis == Axes::kReduction && !cuts_taps(work, tiling))) {
    along(work.channels, tiling.channels, tile.channels, [&] { visit(tile); });
  } else if (axis == Axes::kReduction) {
    along(work.channels, tiling.channels, tile.channels,
          [&] { along(work.taps(), tiling.taps, tile.taps, [&] { visit(tile); }); });
  } else if (axis == Axes::kColumns) {
    along(work.n, tiling.n, tile.n, [&] { visit(tile); });
  } else {
    along(work.images, tiling.images, tile.images, [&] {
      along(work.h.out, tiling.h, tile.h,
            [&] { along(work.w.out, tiling.w, tile.w, [&] { visit(tile); }); });
    });
  }
}

}  // namespace

void for_each_tile_of(const GemmWork& work, const GemmTiling& tiling, std::pair<Axes, Axes> axes,
                      const std::function<void(const GemmTile&)>& visit) {
  GemmTile first{
      0, {0, tiling.images}, {0, tiling.h}, {0, tiling.w}, {0, tiling.channels}, {0, tiling.n}, 0};
  for (std::int64_t each = 0; each < work.products(); ++each) {
    const std::int64_t product = work.first_product + each;
    first.group = product % work.groups;
    first.batch = product / work.groups;
    for_each_along(work, tiling, axes.first, first, [&](const GemmTile& tile) {
      for_each_along(work, tiling, axes.second, tile, visit);
    });
  }
}

GemmTile fullest_tile(const GemmWork& work, const GemmTiling& tiling) {
  return {0,
          {0, tiling.images},
          fullest_piece(work.h, tiling.h),
          fullest_piece(work.w, tiling.w),
          {0, tiling.channels},
          {0, tiling.n},
          0,
          cuts_taps(work, tiling) ? Range{0, tiling.taps} : Range{}};
}

const AxisPieces::Inputs& AxisPieces::inputs(std::int64_t piece) {
  Inputs& inputs = known_.at(static_cast<std::size_t>(piece));
  if (inputs.fullest >= 0) return inputs;
  inputs.fullest = input_footprint(axis_, fullest_piece(axis_, piece)).count;
  for (std::int64_t start = 0; start < axis_.out; start += piece) {
    inputs.together += input_footprint(axis_, {start, std::min(piece, axis_.out - start)}).count;
  }
  return inputs;
}

std::int64_t operand_bytes(std::int64_t elements, const StoredTensor& stored,
                           const FormatSpec& operand) {
  const int bits = std::max(stored.layout.format.element_bits, operand.element_bits);
  return ceil_div(elements * bits, 8);
}

std::int64_t least_moved(const StoredTensor& tensor, std::int64_t rows, SplitColumns columns,
                         std::int64_t burst) {
  const DataLayout& layout = tensor.layout;
  const bool row_major = tensor.tile.row_major();
  std::int64_t sum = least_moved(Fields{layout.format.element_bits, tensor.cols, {1, 1}, row_major},
                                 rows, columns, burst);
  if (layout.format.scale_bits > 0) {
    sum += least_moved(Fields{layout.format.scale_bits, tensor.cols, layout.block, row_major}, rows,
                       columns, burst);
  }
  return sum;
}

void for_each_extent(const GemmWork& work, const GemmTiling& tiling,
                     const std::function<void(const GemmTile&, const ExtentCount&)>& visit) {
  const bool positions_inside = work.kind == GemmKind::kWeightGradient;
  const auto firsts = [](bool reduction, const Extent& extent, std::int64_t size) {
    return !reduction ? extent.count : extent.size == size ? std::int64_t{1} : std::int64_t{0};
  };
  const bool cuts = cuts_taps(work, tiling);
  const std::int64_t taps = cuts ? work.taps() : 1;
  const std::int64_t tap_piece = cuts ? tiling.taps : 1;
  const auto visit_taps = [&](GemmTile tile, std::int64_t others, std::int64_t firsts_of_others) {
    for (const Extent t : Extents(taps, tap_piece)) {
      if (cuts) tile.taps = {0, t.size};
      visit(tile, {others * t.count, firsts_of_others * firsts(true, t, tap_piece)});
    }
  };
  for (const Extent images : Extents(work.images, tiling.images)) {
    for (const Extent h : Extents(work.h.out, tiling.h)) {
      for (const Extent w : Extents(work.w.out, tiling.w)) {
        for (const Extent c : Extents(work.channels, tiling.channels)) {
          for (const Extent n : Extents(work.n, tiling.n)) {
            const std::int64_t positions = images.count * h.count * w.count;
            const std::int64_t first_positions = firsts(positions_inside, images, tiling.images) *
                                                 firsts(positions_inside, h, tiling.h) *
                                                 firsts(positions_inside, w, tiling.w);
            visit_taps({0, {0, images.size}, {0, h.size}, {0, w.size}, {0, c.size}, {0, n.size}, 0},
                       positions * c.count * n.count,
                       first_positions * firsts(!positions_inside, c, tiling.channels) * n.count);
          }
        }
      }
    }
  }
}

}  // namespace mxsim
