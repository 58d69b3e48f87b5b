// Exact sums of convolutions and their data gradients against a walk over every product: the blocks
// of its two scales, its PE, its pass.
#include <gtest/gtest.h>

#include <algorithm>
#include <optional>
#include <vector>

#include "models/core/rng.h"
#include "models/dataflow/closed_form.h"
#include "models/formats/format_table.h"
#include "models/mapping/tiles/gemm_tiling.h"
#include "models/workload/group_packing.h"
#include "tests/support/block_walk.h"

namespace mxsim {
namespace {

constexpr std::uint64_t kSeed = 20261130;

/// A block of shared scale in a stored matrix.
struct Block {
  std::int64_t row;
  std::int64_t col;
  bool operator==(const Block&) const = default;
};

Block block_at(std::int64_t row, std::int64_t col, BlockShape shape) {
  return {row / shape.rows, col / shape.cols};
}

/// One product's place in the window.
struct Product {
  std::int64_t tap_h, tap_w, channel;
};

Product product_of(const GemmWork& work, const GemmTile& tile, std::int64_t k) {
  const std::int64_t tap = taps_of(work, tile).start + k / tile.channels.count;
  return {tap / work.w.taps, tap % work.w.taps, tile.channels.start + k % tile.channels.count};
}

/// Nothing in the padding.
std::optional<Block> left_block(const GemmWork& work, const GemmTile& tile, std::int64_t m,
                                std::int64_t k) {
  const Product at = product_of(work, tile, k);
  const std::int64_t image = tile.images.start + m / (tile.h.count * tile.w.count);
  const std::int64_t y = tile.h.start + m / tile.w.count % tile.h.count;
  const std::int64_t x = tile.w.start + m % tile.w.count;
  const std::int64_t in_y = y * work.h.stride + at.tap_h * work.h.dilation - work.h.pad;
  const std::int64_t in_x = x * work.w.stride + at.tap_w * work.w.dilation - work.w.pad;
  if (in_y < 0 || in_y >= work.h.in || in_x < 0 || in_x >= work.w.in) return std::nullopt;
  return block_at((image * work.h.in + in_y) * work.w.in + in_x,
                  tile.group * work.channels + at.channel, work.block_a);
}

Block right_block(const GemmWork& work, const GemmTile& tile, std::int64_t k, std::int64_t n) {
  const Product at = product_of(work, tile, k);
  const std::int64_t tap = (work.h.tap_start + at.tap_h * work.h.tap_step) * work.w.kernel +
                           work.w.tap_start + at.tap_w * work.w.tap_step;
  const std::int64_t column = tile.n.start + n;
  const std::int64_t in_block = at.channel % work.block_channels();
  if (work.b_orientation == Orientation::kAsStored) {
    return block_at(tap * work.block_channels() + in_block, tile.group * work.n + column,
                    work.block_b);
  }
  const std::int64_t own = column / work.block_n() * work.block_channels() + in_block;
  return block_at(tap * work.block_n() + column % work.block_n(), tile.group * work.channels + own,
                  work.block_b);
}

/// Left blocks of a row's products; the padding is of the block before it.
std::vector<std::optional<Block>> left_blocks(const GemmWork& work, const GemmTile& tile,
                                              std::int64_t m, std::int64_t count) {
  std::vector<std::optional<Block>> blocks;
  for (std::int64_t k = 0; k < count; ++k) blocks.push_back(left_block(work, tile, m, k));
  const auto stored = std::find_if(blocks.begin(), blocks.end(),
                                   [](const auto& block) { return block.has_value(); });
  std::optional<Block> before = stored == blocks.end() ? std::nullopt : *stored;
  for (std::optional<Block>& block : blocks) {
    if (!block) block = before;
    before = block;
  }
  return blocks;
}

/// Of result row m of the tile: whether the next product has another scale in some column, or the
/// sum is as long as the shorter block.
RowEnds ends_of(const GemmWork& work, const GemmTile& tile) {
  return [&work, &tile](std::int64_t m) {
    const GemmExtents size = extents(work, tile);
    const bool transposed = work.b_orientation == Orientation::kTransposed;
    const std::int64_t longest =
        std::min(work.block_a.cols, transposed ? work.block_b.cols : work.block_b.rows);
    const std::vector<std::optional<Block>> left = left_blocks(work, tile, m, size.k);
    std::vector<bool> ends(static_cast<std::size_t>(size.k));
    std::int64_t length = 1;
    for (std::int64_t k = 0; k + 1 < size.k; ++k, ++length) {
      const auto at = static_cast<std::size_t>(k);
      bool end = left[at] != left[at + 1] || length == longest;
      for (std::int64_t n = 0; n < size.n && !end; ++n) {
        end = !(right_block(work, tile, k, n) == right_block(work, tile, k + 1, n));
      }
      ends[at] = end;
      if (end) length = 0;
    }
    return ends;
  };
}

OpList tensors_of(const GemmWork& work) {
  const bool transposed = work.b_orientation == Orientation::kTransposed;
  const std::int64_t kernel = work.h.kernel * work.w.kernel;
  OpList ops;
  ops.tensors = {{"x",
                  TensorRole::kActivation,
                  work.images * work.h.in * work.w.in,
                  work.channels * work.groups,
                  {work.format_a, work.block_a}},
                 {"w",
                  TensorRole::kWeight,
                  kernel * (transposed ? work.n : work.channels),
                  (transposed ? work.channels : work.n) * work.groups,
                  {work.format_b, work.block_b}}};
  return ops;
}

GemmWork window_work(WindowAxis h, WindowAxis w, std::int64_t channels, std::int64_t n) {
  GemmWork work;
  work.h = h;
  work.w = w;
  work.channels = channels;
  work.n = n;
  work.a = 0;
  work.b = 1;
  work.format_a = work.format_b = parse_format("mxsf");
  return work;
}

WindowAxis axis_of(std::int64_t in, std::int64_t kernel, std::int64_t stride, std::int64_t dilation,
                   std::int64_t pad) {
  WindowAxis axis;
  axis.in = in;
  axis.taps = axis.kernel = kernel;
  axis.stride = stride;
  axis.dilation = dilation;
  axis.pad = pad;
  axis.out = (in + 2 * pad - (kernel - 1) * dilation - 1) / stride + 1;
  return axis;
}

struct Case {
  ArraySpec array;
  OpList ops;
  GemmWork work;
  GemmTiling tiling;
};

ArraySpec drawn_array(const CounterRng& rng) {
  const auto draw = [&](std::uint64_t at, std::int64_t count) {
    return static_cast<std::int64_t>(rng.bits(at) % static_cast<std::uint64_t>(count));
  };
  ArraySpec array;
  array.rows = 1 + draw(0, 5);
  array.cols = 1 + draw(1, 3);
  array.accumulator = Accumulator::kExactBlock;
  array.pes_per_scale_unit = 1 + draw(2, 4);
  array.mac_latency_cycles = 1 + draw(3, 2);
  if (draw(4, 4) == 0) array.dot_product = {{8, 2}};
  if (draw(5, 2) == 0) array.weight_buffering = WeightBuffering::kSingle;
  const Dataflow kFlows[] = {Dataflow::kOutputStationary, Dataflow::kWeightStationary,
                             Dataflow::kInputStationary};
  array.dataflow.forward = kFlows[draw(6, 3)];
  return array;
}

Case drawn_case(std::uint64_t number) {
  const CounterRng rng(kSeed + number, "window");
  const auto draw = [&](std::uint64_t at, std::int64_t count) {
    return static_cast<std::int64_t>(rng.bits(at) % static_cast<std::uint64_t>(count));
  };
  const auto axis = [&](std::uint64_t at) {
    const std::int64_t kernel = 1 + draw(at, 4);
    const std::int64_t dilation = 1 + draw(at + 1, 2);
    return axis_of((kernel - 1) * dilation + 1 + draw(at + 2, 5), kernel, 1 + draw(at + 3, 3),
                   dilation, draw(at + 4, 3));
  };
  Case drawn;
  drawn.array = drawn_array(rng);
  drawn.work = window_work(axis(10), axis(20), 1 + draw(7, 9), 1 + draw(8, 4));
  GemmWork& work = drawn.work;
  work.images = 1 + draw(9, 2);
  const bool grouped = draw(30, 3) == 0;
  if (grouped) work.groups = 4;
  if (grouped) work.channels = 1 + draw(31, 4);
  const bool transposed = draw(32, 3) == 0;
  if (transposed) work.b_orientation = Orientation::kTransposed;
  const BlockShape kLeft[] = {{8, 8}, {1, 8}, {1, 32}, {4, 2}, {3, 4}, {kWholeAxis, kWholeAxis}};
  const BlockShape kRight[] = {{8, 8}, {8, 1}, {32, 1}, {2, 4}, {4, 4}, {kWholeAxis, kWholeAxis}};
  work.block_a = kLeft[draw(33, 6)];
  work.block_b = kRight[draw(34, 6)];
  if (transposed) std::swap(work.block_b.rows, work.block_b.cols);
  drawn.ops = tensors_of(work);
  const bool packed = grouped && draw(35, 2) == 0;
  if (packed) work = pack_groups(work, 2);
  drawn.tiling = {1 + draw(36, work.images), 1 + draw(37, work.h.out), 1 + draw(38, work.w.out),
                  packed ? work.channels : 1 + draw(39, work.channels),
                  packed ? work.n : 1 + draw(40, work.n)};
  return drawn;
}

ArrayCost closed(const ArraySpec& spec, const ArrayCommand& command, std::int64_t gated) {
  return closed_form(spec, command, gated);
}

TEST(WindowBlocks, EndsAndStallsAreThoseOfAWalkOverEveryProduct) {
  std::int64_t stalled = 0;
  std::int64_t commands = 0;
  for (std::uint64_t number = 0; number < 300; ++number) {
    const Case test = drawn_case(number);
    const MapperChip chip = chip_of(test.array);
    OperandData data(test.ops, number);
    for_each_tile(test.work, test.tiling, [&](const GemmTile& tile, TilePosition position) {
      const ArrayCommand command =
          array_command(chip, Pass::kForward, test.work, tile,
                        position.first_of_reduction ? Accumulate::kOverwrite : Accumulate::kAdd);
      const ArrayCase one = with_data(test.array, command, data, test.work, tile);
      const BlockWalk expected = walk_blocks(test.array, command, ends_of(test.work, tile));
      const ArrayCost cost = closed_form(test.array, command);
      ASSERT_EQ(static_cast<std::int64_t>(cost.counts[Event::kBlockAccumulate]), expected.ends)
          << number << ": " << one.text();
      ASSERT_EQ(cost.unit_stall.count(), expected.stall) << number << ": " << one.text();
      ASSERT_EQ(compare_fidelities(one, closed), "") << number;
      stalled += expected.stall > 0 ? 1 : 0;
      ++commands;
    });
  }
  EXPECT_GT(stalled, commands / 20);
  EXPECT_LT(stalled, commands);
}

TEST(WindowBlocks, OfAGridOfArraysAgreeInBothFidelities) {
  for (std::uint64_t number = 0; number < 100; ++number) {
    Case test = drawn_case(number);
    test.array.grid = {2, 2};
    const MapperChip chip = chip_of(test.array);
    OperandData data(test.ops, number);
    for_each_tile(test.work, test.tiling, [&](const GemmTile& tile, TilePosition) {
      const ArrayCommand command =
          array_command(chip, Pass::kForward, test.work, tile, Accumulate::kOverwrite);
      ASSERT_EQ(compare_fidelities(with_data(test.array, command, data, test.work, tile), closed),
                "")
          << number;
    });
  }
}

/// Ends of exact sums of one column of a tile with all channels, on an output-stationary array.
std::int64_t ends_in(const GemmWork& work, Range h, Range w) {
  ArraySpec array;
  array.accumulator = Accumulator::kExactBlock;
  array.dataflow.forward = Dataflow::kOutputStationary;
  const GemmTile tile{
      .images = {0, 1}, .h = h, .w = w, .channels = {0, work.channels}, .n = {0, work.n}};
  const ArrayCommand command =
      array_command(chip_of(array), Pass::kForward, work, tile, Accumulate::kOverwrite);
  const auto ends =
      static_cast<std::int64_t>(closed_form(array, command).counts[Event::kBlockAccumulate]);
  EXPECT_EQ(ends, walk_blocks(array, command, ends_of(work, tile)).ends);
  EXPECT_EQ(ends % work.n, 0);
  return ends / work.n;
}

TEST(WindowBlocks, OfFewChannelsFollowTheBlocksInEveryShape) {
  const BlockShape kBlocks[][2] = {
      {{8, 8}, {8, 8}}, {{1, 8}, {8, 1}}, {{1, 32}, {32, 1}}, {{4, 2}, {4, 2}}};
  for (std::int64_t channels = 1; channels <= 9; ++channels) {
    for (std::int64_t kernel = 1; kernel <= 7; ++kernel) {
      for (std::int64_t stride = 1; stride <= 3; ++stride) {
        for (const auto& [left, right] : kBlocks) {
          const WindowAxis axis = axis_of(9, kernel, stride, 1, kernel / 2);
          GemmWork work = window_work(axis, axis, channels, 1);
          work.block_a = left;
          work.block_b = right;
          SCOPED_TRACE(::testing::Message()
                       << channels << " channels, kernel " << kernel << ", stride " << stride
                       << ", block " << left.rows << "x" << left.cols);
          ends_in(work, {0, axis.out}, {0, axis.out});
        }
      }
    }
  }
}

/// The first layer of a ResNet: 3 channels, 7 x 7 taps at stride 2, 147 products.
GemmWork first_layer(BlockShape left, BlockShape right) {
  const WindowAxis axis = axis_of(224, 7, 2, 1, 3);
  GemmWork work = window_work(axis, axis, 3, 1);
  work.block_a = left;
  work.block_b = right;
  return work;
}

// Weights, (tap, channel) rows, end a block after every 8 products: 18 borders within 147. A line
// of the window reads 7 pixels, 21 products, of an image line of whole 8-pixel tiles; lines end at
// 6 places, none a multiple of 8. Pixel 2x - 3 begins a line 5, 7, 1 or 3 pixels into a tile: from
// 1 on it lies in one tile (1 + 18 + 6), from 3, 5 and 7 on each of 7 lines crosses a border after
// 5, 3 and 1 pixels, one crossing of which falls on a border of the weights.
TEST(WindowBlocks, OfTheFirstLayerOfAResnetAreCountedByHand) {
  const GemmWork tiles = first_layer({8, 8}, {8, 8});
  EXPECT_EQ(ends_in(tiles, {50, 1}, {10, 1}), 25);
  for (const std::int64_t x : {8, 9, 11}) EXPECT_EQ(ends_in(tiles, {50, 1}, {x, 1}), 31) << x;
  // Three of seven pixels are padding: a line's block begins 9 products later, in line 3 with a
  // block of the weights.
  EXPECT_EQ(ends_in(tiles, {50, 1}, {0, 1}), 24);
  // A block a pixel: 48 borders, of 18 and 4 of the weights' 6 and 1 fall on them.
  EXPECT_EQ(ends_in(first_layer({1, 8}, {8, 1}), {50, 1}, {8, 4}), 4 * 61);
  EXPECT_EQ(ends_in(first_layer({1, 32}, {32, 1}), {50, 1}, {8, 4}), 4 * 52);
}

}  // namespace
}  // namespace mxsim
