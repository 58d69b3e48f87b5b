#include "models/mapping/tiles/reduction_blocks.h"

#include <algorithm>
#include <vector>

#include "models/arithmetic/dot_product.h"
#include "models/arithmetic/exact_sums.h"
#include "models/arithmetic/operands.h"

namespace mxsim {
namespace {

PositionAxis position_axis(const WindowAxis& axis, Range range) {
  return {range.start, range.count, axis.in,       axis.out,
          axis.taps,   axis.stride, axis.dilation, axis.pad};
}

/// The row of images in which the tile's first image lies.
std::int64_t first_image(const GemmWork& work, GroupAxis groups, GroupAxis images,
                         const GemmTile& tile) {
  const std::int64_t matrix = group_place(work, groups, tile).rows;
  return images == GroupAxis::kRows ? matrix * work.images + tile.images.start : matrix;
}

WindowPositions window_positions(const GemmWork& work, const GemmTile& tile, std::int64_t a_block,
                                 std::int64_t b_block) {
  const auto first_row = [&](std::int64_t row) { return work.first_row + row; };
  return {
      tile.images.count,
      position_axis(work.h, tile.h),
      position_axis(work.w, tile.w),
      a_block,
      b_block,
      first_row(first_image(work, work.a_groups, work.a_images, tile) * work.h.in * work.w.in) %
          a_block,
      first_row(first_image(work, work.b_groups, work.b_images, tile) * work.h.out * work.w.out) %
          b_block,
      work.b_images == GroupAxis::kRows ? work.h.out * work.w.out : 0};
}

/// Both operands are read position by position, each from the first of its batch element or group
/// on; through a window or a part of a row, the left one's rows do not follow one another.
ReductionBlocks position_blocks(WindowPiecesMemo& pieces, const GemmWork& work,
                                const GemmTile& tile, std::int64_t a_block, std::int64_t b_block) {
  const bool shifted = work.taps() > 1 || work.h.stride > 1 || work.w.stride > 1 ||
                       work.h.in != work.h.out || work.w.in != work.w.out;
  const bool side_by_side = work.a_images != work.b_images && tile.images.count > 1;
  const bool in_a_row = tile.w.count == work.w.out && !side_by_side &&
                        (tile.h.count == work.h.out || tile.images.count == 1);
  if (shifted || !in_a_row) {
    ReductionBlocks blocks{a_block, b_block};
    blocks.pieces = pieces.of(window_positions(work, tile, a_block, b_block));
    blocks.rows_per_tap = tile.channels.count;
    return blocks;
  }
  const auto first = [&](GroupAxis groups, GroupAxis images) {
    const std::int64_t image = first_image(work, groups, images, tile);
    return work.first_row + (image * work.h.out + tile.h.start) * work.w.out + tile.w.start;
  };
  const std::int64_t a_first = first(work.a_groups, work.a_images);
  return {a_block, b_block, a_first, first(work.b_groups, work.b_images) - a_first};
}

/// Reads weight (tap, channel) of a tile's reduction in the stored right operand.
class RightReduction {
 public:
  RightReduction(const GemmWork& work, const GemmTile& tile, BlockShape block)
      : work_(work),
        tile_(tile),
        block_(block),
        first_tap_(taps_of(work, tile).start),
        place_(group_place(work, work.b_groups, tile)),
        transposed_(work.b_orientation == Orientation::kTransposed) {}

  /// By k: whether a block ends with element k for some column of the tile.
  std::vector<bool> ends(std::int64_t elements) const {
    std::vector<bool> ends(static_cast<std::size_t>(elements));
    for (std::int64_t k = 0; k + 1 < elements; ++k) {
      ends[static_cast<std::size_t>(k)] = ends_block(at(k), at(k + 1));
    }
    return ends;
  }

 private:
  struct Element {
    std::int64_t tap;
    std::int64_t channel;
  };

  Element at(std::int64_t k) const {
    const std::int64_t tap = first_tap_ + k / tile_.channels.count;
    const std::int64_t y = work_.h.tap_start + tap / work_.w.taps * work_.h.tap_step;
    const std::int64_t x = work_.w.tap_start + tap % work_.w.taps * work_.w.tap_step;
    const std::int64_t matrix = work_.first_matrix + place_.rows;
    return {(matrix * work_.h.kernel + y) * work_.w.kernel + x,
            tile_.channels.start + k % tile_.channels.count};
  }

  bool ends_block(const Element& last, const Element& next) const {
    if (!transposed_) {
      const auto block = [&](const Element& e) {
        return (e.tap * work_.block_channels() + e.channel % work_.block_channels()) / block_.rows;
      };
      return block(last) != block(next);
    }
    // The columns of one block of a diagonal differ in rows alone, which only taps change.
    const std::int64_t step = last.tap == next.tap ? work_.block_n() : 1;
    for (std::int64_t n = tile_.n.start; n < tile_.n.end(); n = (n / step + 1) * step) {
      if (transposed_row(last, n) != transposed_row(next, n)) return true;
      if (transposed_col(last, n) != transposed_col(next, n)) return true;
    }
    return false;
  }
  std::int64_t transposed_row(const Element& e, std::int64_t n) const {
    return (e.tap * work_.block_n() + n % work_.block_n()) / block_.rows;
  }
  std::int64_t transposed_col(const Element& e, std::int64_t n) const {
    const std::int64_t own =
        n / work_.block_n() * work_.block_channels() + e.channel % work_.block_channels();
    return (place_.cols * work_.channels + own) / block_.cols;
  }

  const GemmWork& work_;
  const GemmTile& tile_;
  BlockShape block_;
  std::int64_t first_tap_;
  GroupPlace place_;
  bool transposed_;
};

/// Blocks of both operands of a tile that sums over taps and channels.
struct WindowBlocks {
  BlockShape a;
  BlockShape b;
  bool transposed;

  std::int64_t a_length() const { return a.cols; }
  std::int64_t b_length() const { return transposed ? b.cols : b.rows; }
};

std::int64_t first_column(const GemmWork& work, const GemmTile& tile) {
  const GroupPlace place = group_place(work, work.a_groups, tile);
  const bool side_by_side = work.a_images == GroupAxis::kColumns;
  const std::int64_t group =
      side_by_side ? place.cols * work.images + tile.images.start : place.cols;
  return group * work.channels + tile.channels.start;
}

/// Exact sums from the geometry of the blocks, row by row of the result.
ReductionBlocks walked_blocks(WindowPiecesMemo& pieces, const GemmWork& work, const GemmTile& tile,
                              const WindowBlocks& of) {
  const bool below = work.a_images == GroupAxis::kRows;
  const Range taps = taps_of(work, tile);
  WindowTaps window;
  window.images = tile.images.count;
  window.h = position_axis(work.h, tile.h);
  window.w = position_axis(work.w, tile.w);
  window.first_tap = taps.start;
  window.tap_count = taps.count;
  window.channels = tile.channels.count;
  window.a_rows = of.a.rows;
  window.a_cols = of.a.cols;
  const std::int64_t image = first_image(work, work.a_groups, work.a_images, tile);
  window.a_first = (work.first_row + image * work.h.in * work.w.in) % of.a.rows;
  window.a_column = first_column(work, tile) % of.a.cols;
  window.image_rows = below ? work.h.in * work.w.in : 0;
  window.image_cols = below ? 0 : work.channels;
  window.longest = std::min(of.a_length(), of.b_length());
  window.right_ends = RightReduction(work, tile, of.b).ends(window.count());
  ReductionBlocks blocks{of.a_length(), of.b_length()};
  blocks.pieces = pieces.of(window);
  return blocks;
}

/// Without a window both operands are read channel by channel.
ReductionBlocks channel_blocks(WindowPiecesMemo& pieces, const GemmWork& work, const GemmTile& tile,
                               const WindowBlocks& of) {
  const GroupPlace b = group_place(work, work.b_groups, tile);
  const bool side_by_side = work.a_images == GroupAxis::kColumns && tile.images.count > 1;
  if (side_by_side && of.a.cols != kWholeAxis && work.channels % of.a.cols != 0) {
    return walked_blocks(pieces, work, tile, of);  // each image begins elsewhere in a block
  }
  const std::int64_t a_first = first_column(work, tile);
  const std::int64_t b_first =
      (of.transposed ? b.cols : work.first_matrix + b.rows) * work.channels + tile.channels.start;
  return {of.a_length(), of.b_length(), a_first, b_first - a_first};
}

bool reads_padding(const WindowAxis& axis, Range positions) {
  const std::int64_t last =
      (positions.end() - 1) * axis.stride + (axis.taps - 1) * axis.dilation - axis.pad;
  return positions.start * axis.stride < axis.pad || last >= axis.in;
}

bool reads_padding(const GemmWork& work, const GemmTile& tile) {
  return reads_padding(work.h, tile.h) || reads_padding(work.w, tile.w);
}

bool is_whole(BlockShape block) { return block.rows == kWholeAxis && block.cols == kWholeAxis; }

/// Whether the blocks of both operands end at multiples of their lengths, in all rows alike: the
/// tile has whole blocks of channels, and each tap begins others.
bool ends_with_whole_blocks(const GemmWork& work, const GemmTile& tile, const WindowBlocks& of) {
  if (work.packed > 1) return false;
  const std::int64_t count = tile.channels.count;
  const auto divides = [&](std::int64_t length, std::int64_t start) {
    return length != kWholeAxis && start % length == 0 && count % length == 0;
  };
  const std::int64_t b_length = of.b_length();
  const bool one_left = is_whole(of.a);
  const bool one_right = of.transposed ? is_whole(of.b) : b_length == kWholeAxis;
  const std::int64_t b_column =
      group_place(work, work.b_groups, tile).cols * work.channels + tile.channels.start;
  const bool left = divides(of.a.cols, first_column(work, tile));
  const bool right = of.transposed
                         ? divides(b_length, b_column) && (count > b_length || work.n >= of.b.rows)
                         : divides(b_length, tile.channels.start) && work.channels % b_length == 0;
  if (one_left) return one_right || right;
  if (!left) return false;
  const bool padded = reads_padding(work, tile);
  if (one_right) return count > of.a.cols && !padded;
  return right && (of.a.cols % b_length == 0 || !padded);
}

}  // namespace

ReductionBlocks reduction_blocks(WindowPiecesMemo& pieces, const GemmWork& work,
                                 const GemmTile& tile) {
  const auto shape = [](const FormatSpec& format, BlockShape block) {
    return BlockShape{reduction_block(format, block, ReductionAxis::kRows),
                      reduction_block(format, block, ReductionAxis::kCols)};
  };
  const WindowBlocks of{shape(work.format_a, work.block_a), shape(work.format_b, work.block_b),
                        work.b_orientation == Orientation::kTransposed};
  if (of.a.rows == 0 || of.b.rows == 0) return {};
  if (work.kind == GemmKind::kWeightGradient) {
    return position_blocks(pieces, work, tile, of.a.rows, of.b.rows);
  }
  const bool window =
      work.h.kernel * work.w.kernel > 1 || work.packed > 1 || reads_padding(work, tile);
  if (!window) return channel_blocks(pieces, work, tile, of);
  if (!ends_with_whole_blocks(work, tile, of)) return walked_blocks(pieces, work, tile, of);
  return {of.a_length(), of.b_length()};
}

ArrayCommand tile_command(const ArraySpec& array, Pass pass, const GemmWork& work,
                          const GemmTile& tile, Accumulate accumulate, WindowPiecesMemo& pieces) {
  const GemmExtents size = extents(work, tile);
  ArrayCommand command;
  command.dataflow = array.dataflow[pass];
  command.m = size.m;
  command.n = size.n;
  command.k = size.k;
  command.accumulate = accumulate;
  command.width = dot_product_width(array, work.format_a, work.format_b);
  command.sum = sum_of(array, work.format_a, work.format_b);
  if (adds_integers(command.sum->accumulator) || command.width > 1) {
    command.blocks = reduction_blocks(pieces, work, tile);
  }
  return command;
}

}  // namespace mxsim
