#include "models/mapping/tiles/reduction_blocks.h"

#include <algorithm>
#include <numeric>

#include "models/arithmetic/dot_product.h"
#include "models/arithmetic/exact_sums.h"
#include "models/arithmetic/operands.h"

namespace mxsim {
namespace {

/// Elements in a row that share a scale when the tile reads [start + t * pitch, + count) of the
/// operand's axis for each tap t: all of them inside one block, else a common divisor, so that no
/// exact sum spans two scales.
std::int64_t shared_length(std::int64_t block, std::int64_t start, std::int64_t count,
                           std::int64_t pitch) {
  if (block == kWholeAxis) return block;
  if (start % block + count <= block && pitch % block == 0) return count;
  return std::gcd(std::gcd(block, count), std::gcd(start, pitch));
}

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

/// Without a window both operands are read channel by channel.
ReductionBlocks channel_blocks(const GemmWork& work, const GemmTile& tile, std::int64_t a_block,
                               std::int64_t b_block) {
  const GroupPlace a = group_place(work, work.a_groups, tile);
  const GroupPlace b = group_place(work, work.b_groups, tile);
  const bool transposed = work.b_orientation == Orientation::kTransposed;
  const bool side_by_side = work.a_images == GroupAxis::kColumns;
  const std::int64_t a_group = side_by_side ? a.cols * work.images + tile.images.start : a.cols;
  const std::int64_t a_first = a_group * work.channels;
  const std::int64_t b_first = (transposed ? b.cols : work.first_matrix + b.rows) * work.channels;
  const std::int64_t count = tile.channels.count;
  if (side_by_side && tile.images.count > 1 && a_block != kWholeAxis &&
      work.channels % a_block != 0) {  // each image begins elsewhere in a block
    return {shared_length(a_block, a_first + tile.channels.start, count, work.channels),
            shared_length(b_block, b_first + tile.channels.start, count, 0), 0};
  }
  return {a_block, b_block, a_first + tile.channels.start, b_first - a_first};
}

/// A column of a depthwise diagonal has one weight a tap, and that one's scale.
ReductionBlocks packed_blocks(const GemmWork& work, const GemmTile& tile, std::int64_t a_block) {
  const std::int64_t count = tile.channels.count;
  const std::int64_t column = tile.group * work.channels + tile.channels.start;
  return {shared_length(a_block, column, count, 0), work.block_channels() == 1 ? count : 1, 0, 0};
}

}  // namespace

ReductionBlocks reduction_blocks(WindowPiecesMemo& pieces, const GemmWork& work,
                                 const GemmTile& tile) {
  const bool positions = work.kind == GemmKind::kWeightGradient;
  const bool transposed = !positions && work.b_orientation == Orientation::kTransposed;
  const std::int64_t a_block = reduction_block(
      work.format_a, work.block_a, positions ? ReductionAxis::kRows : ReductionAxis::kCols);
  const std::int64_t b_block = reduction_block(
      work.format_b, work.block_b, transposed ? ReductionAxis::kCols : ReductionAxis::kRows);
  if (a_block == 0 || b_block == 0) return {};
  if (positions) return position_blocks(pieces, work, tile, a_block, b_block);
  if (work.packed > 1) return packed_blocks(work, tile, a_block);
  if (work.h.kernel * work.w.kernel == 1) return channel_blocks(work, tile, a_block, b_block);
  const std::int64_t column = tile.group * work.channels + tile.channels.start;
  const std::int64_t count = tile.channels.count;
  // Blocks along whole rows: each tap reads another row, under another scale.
  const auto row_length = [&](std::int64_t length, const BlockShape& block) {
    const bool whole_row = length == kWholeAxis && block.rows != kWholeAxis;
    return whole_row ? count : shared_length(length, column, count, 0);
  };
  return {row_length(a_block, work.block_a),
          transposed ? row_length(b_block, work.block_b)
                     : shared_length(b_block, tile.channels.start, count, work.channels),
          0};
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
