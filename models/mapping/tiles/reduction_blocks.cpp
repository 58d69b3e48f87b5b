#include "models/mapping/tiles/reduction_blocks.h"

#include <algorithm>
#include <numeric>

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

WindowPositions window_positions(const GemmWork& work, const GemmTile& tile, std::int64_t a_block,
                                 std::int64_t b_block) {
  const auto first_image = [&](GroupAxis axis) {
    return group_place(work, axis, tile).rows * work.images + tile.images.start;
  };
  return {tile.images.count,
          position_axis(work.h, tile.h),
          position_axis(work.w, tile.w),
          a_block,
          b_block,
          first_image(work.a_groups) * work.h.in * work.w.in % a_block,
          first_image(work.b_groups) * work.h.out * work.w.out % b_block};
}

/// Both operands are read position by position, each from the first of its batch element or group
/// on; through a window or a part of a row, the left one's rows do not follow one another.
ReductionBlocks position_blocks(WindowPiecesMemo& pieces, const GemmWork& work,
                                const GemmTile& tile, std::int64_t a_block, std::int64_t b_block) {
  const bool shifted = work.taps() > 1 || work.h.stride > 1 || work.w.stride > 1 ||
                       work.h.in != work.h.out || work.w.in != work.w.out;
  const bool in_a_row =
      tile.w.count == work.w.out && (tile.h.count == work.h.out || tile.images.count == 1);
  if (shifted || !in_a_row) {
    ReductionBlocks blocks{a_block, b_block};
    blocks.pieces = pieces.of(window_positions(work, tile, a_block, b_block));
    blocks.rows_per_tap = tile.channels.count;
    return blocks;
  }
  const auto first = [&](GroupAxis axis) {
    const std::int64_t image = group_place(work, axis, tile).rows * work.images + tile.images.start;
    return (image * work.h.out + tile.h.start) * work.w.out + tile.w.start;
  };
  const std::int64_t a_first = first(work.a_groups);
  return {a_block, b_block, a_first, first(work.b_groups) - a_first};
}

/// Without a window both operands are read channel by channel.
ReductionBlocks channel_blocks(const GemmWork& work, const GemmTile& tile, std::int64_t a_block,
                               std::int64_t b_block) {
  const GroupPlace a = group_place(work, work.a_groups, tile);
  const GroupPlace b = group_place(work, work.b_groups, tile);
  const bool turned = work.b_orientation == Orientation::kTransposed;
  const std::int64_t a_first = a.cols * work.channels;
  const std::int64_t b_first = (turned ? b.cols : b.rows) * work.channels;
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
  const bool turned = !positions && work.b_orientation == Orientation::kTransposed;
  const std::int64_t a_block = reduction_block(
      work.format_a, work.block_a, positions ? ReductionAxis::kRows : ReductionAxis::kCols);
  const std::int64_t b_block = reduction_block(
      work.format_b, work.block_b, turned ? ReductionAxis::kCols : ReductionAxis::kRows);
  if (a_block == 0 || b_block == 0) return {};
  if (positions) return position_blocks(pieces, work, tile, a_block, b_block);
  if (work.packed > 1) return packed_blocks(work, tile, a_block);
  if (work.h.kernel * work.w.kernel == 1) return channel_blocks(work, tile, a_block, b_block);
  const std::int64_t column = tile.group * work.channels + tile.channels.start;
  const std::int64_t count = tile.channels.count;
  return {shared_length(a_block, column, count, 0),
          turned ? shared_length(b_block, column, count, 0)
                 : shared_length(b_block, tile.channels.start, count, work.channels),
          0};
}

}  // namespace mxsim
