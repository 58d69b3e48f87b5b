// Exact sums of weight gradients against a walk over every product: its two scales, its PE, its
// pass.
#include <gtest/gtest.h>

#include <vector>

#include "models/core/rng.h"
#include "models/dataflow/closed_form.h"
#include "models/formats/format_table.h"
#include "models/mapping/tiles/gemm_tiling.h"
#include "tests/support/block_walk.h"

namespace mxsim {
namespace {

constexpr std::uint64_t kSeed = 20261128;

/// A weight gradient of a convolution and what it is computed with.
struct Case {
  ArraySpec array;
  Dataflow dataflow = Dataflow::kOutputStationary;
  OpList ops;
  GemmWork work;
  GemmTiling tiling;
};

WindowAxis drawn_axis(const CounterRng& rng, std::uint64_t at) {
  WindowAxis axis;
  axis.taps = axis.kernel = 1 + static_cast<std::int64_t>(rng.bits(at) % 3);
  axis.stride = 1 + static_cast<std::int64_t>(rng.bits(at + 1) % 2);
  axis.dilation = 1 + static_cast<std::int64_t>(rng.bits(at + 2) % 2);
  axis.pad = static_cast<std::int64_t>(rng.bits(at + 3) % 3);
  axis.in = 5 + static_cast<std::int64_t>(rng.bits(at + 4) % 5);
  axis.out = (axis.in + 2 * axis.pad - (axis.taps - 1) * axis.dilation - 1) / axis.stride + 1;
  return axis;
}

Case drawn_case(std::uint64_t number) {
  const CounterRng rng(kSeed + number, "weight gradient");
  const auto draw = [&](std::uint64_t at, std::int64_t count) {
    return static_cast<std::int64_t>(rng.bits(at) % static_cast<std::uint64_t>(count));
  };
  Case drawn;
  ArraySpec& array = drawn.array;
  array.rows = 1 + draw(0, 5);
  array.cols = 1 + draw(1, 3);
  array.accumulator = Accumulator::kExactBlock;
  array.pes_per_scale_unit = 1 + draw(2, 4);
  array.mac_latency_cycles = 1 + draw(3, 2);
  if (draw(4, 4) == 0) array.dot_product = {{8, 2}};
  if (draw(5, 2) == 0) array.weight_buffering = WeightBuffering::kSingle;
  const Dataflow kFlows[] = {Dataflow::kOutputStationary, Dataflow::kWeightStationary,
                             Dataflow::kInputStationary};
  drawn.dataflow = kFlows[draw(6, 3)];
  array.dataflow.backward_weight = drawn.dataflow;
  GemmWork& work = drawn.work;
  work.kind = GemmKind::kWeightGradient;
  work.images = 1 + draw(7, 3);
  work.h = drawn_axis(rng, 10);
  work.w = drawn_axis(rng, 20);
  work.channels = 1 + draw(8, 4);
  work.n = 1 + draw(9, 5);
  work.format_a = work.format_b = parse_format("mxsf");
  const std::int64_t kLengths[] = {2, 3, 4, 8};
  work.block_a = {kLengths[draw(30, 4)], 2};
  work.block_b = {kLengths[draw(31, 4)], 4};
  work.role_b = TensorRole::kGradient;
  work.a = 0;
  work.b = 1;
  drawn.ops.tensors = {
      {"x",
       TensorRole::kActivation,
       work.images * work.h.in * work.w.in,
       work.channels,
       {work.format_a, work.block_a}},
      {"dy", TensorRole::kGradient, work.positions(), work.n, {work.format_b, work.block_b}}};
  drawn.tiling = {1 + draw(32, work.images), 1 + draw(33, work.h.out), 1 + draw(34, work.w.out),
                  1 + draw(35, work.channels), 1 + draw(36, work.n)};
  return drawn;
}

/// The pair of scales of one product, by the number of their blocks.
struct Scales {
  std::int64_t left;
  std::int64_t right;
  bool operator==(const Scales&) const = default;
};

/// Of all products of one tap with one column, in order; the padding has the left scale before it.
std::vector<Scales> walk(const GemmWork& work, const GemmTile& tile, std::int64_t tap) {
  constexpr std::int64_t kPadding = -1;
  std::vector<Scales> scales;
  for (std::int64_t image = tile.images.start; image < tile.images.start + tile.images.count;
       ++image) {
    for (std::int64_t y = tile.h.start; y < tile.h.start + tile.h.count; ++y) {
      for (std::int64_t x = tile.w.start; x < tile.w.start + tile.w.count; ++x) {
        const std::int64_t in_y =
            y * work.h.stride + tap / work.w.taps * work.h.dilation - work.h.pad;
        const std::int64_t in_x =
            x * work.w.stride + tap % work.w.taps * work.w.dilation - work.w.pad;
        const bool stored = in_y >= 0 && in_y < work.h.in && in_x >= 0 && in_x < work.w.in;
        const std::int64_t left = (image * work.h.in + in_y) * work.w.in + in_x;
        const std::int64_t right = (image * work.h.out + y) * work.w.out + x;
        scales.push_back({stored ? left / work.block_a.rows : kPadding, right / work.block_b.rows});
      }
    }
  }
  std::int64_t before = kPadding;
  for (const Scales& each : scales) {
    if (before == kPadding) before = each.left;
  }
  for (Scales& each : scales) {
    if (each.left == kPadding) each.left = before;
    before = each.left;
  }
  return scales;
}

/// Of result row m of the tile: whether the next product has another scale.
RowEnds ends_of(const GemmWork& work, const GemmTile& tile) {
  return [&](std::int64_t m) {
    const std::vector<Scales> scales = walk(work, tile, m / tile.channels.count);
    std::vector<bool> ends(scales.size());
    for (std::size_t k = 0; k + 1 < scales.size(); ++k) ends[k] = !(scales[k] == scales[k + 1]);
    return ends;
  };
}

TEST(WeightGradientBlocks, EndsAndStallsAreThoseOfAWalkOverEveryProduct) {
  std::int64_t stalled = 0;
  std::int64_t commands = 0;
  for (std::uint64_t number = 0; number < 300; ++number) {
    Case test = drawn_case(number);
    if (test.work.h.out < 1 || test.work.w.out < 1) continue;
    const MapperChip chip = chip_of(test.array);
    OperandData data(test.ops, number);
    for_each_tile(test.work, test.tiling, [&](const GemmTile& tile, TilePosition position) {
      const ArrayCommand command =
          array_command(chip, Pass::kBackwardWeight, test.work, tile,
                        position.first_of_reduction ? Accumulate::kOverwrite : Accumulate::kAdd);
      const ArrayCase one = with_data(test.array, command, data, test.work, tile);
      const BlockWalk expected = walk_blocks(test.array, command, ends_of(test.work, tile));
      const ArrayCost cost = closed_form(test.array, command);
      ASSERT_EQ(static_cast<std::int64_t>(cost.counts[Event::kBlockAccumulate]), expected.ends)
          << number << ": " << one.text();
      ASSERT_EQ(cost.unit_stall.count(), expected.stall) << number << ": " << one.text();
      ASSERT_EQ(
          compare_fidelities(one, [](const ArraySpec& spec, const ArrayCommand& of,
                                     std::int64_t gated) { return closed_form(spec, of, gated); }),
          "")
          << number;
      stalled += expected.stall > 0 ? 1 : 0;
      ++commands;
    });
  }
  EXPECT_GT(stalled, commands / 20);
  EXPECT_LT(stalled, commands);
}

TEST(WeightGradientBlocks, OfAGridOfArraysAgreeInBothFidelities) {
  for (std::uint64_t number = 0; number < 100; ++number) {
    Case test = drawn_case(number);
    if (test.work.h.out < 1 || test.work.w.out < 1) continue;
    test.array.grid = {2, 2};
    const MapperChip chip = chip_of(test.array);
    OperandData data(test.ops, number);
    for_each_tile(test.work, test.tiling, [&](const GemmTile& tile, TilePosition) {
      const ArrayCommand command =
          array_command(chip, Pass::kBackwardWeight, test.work, tile, Accumulate::kOverwrite);
      ASSERT_EQ(compare_fidelities(with_data(test.array, command, data, test.work, tile),
                                   [](const ArraySpec& spec, const ArrayCommand& of,
                                      std::int64_t gated) { return closed_form(spec, of, gated); }),
                "")
          << number;
    });
  }
}

// 3x3 windows at stride 1 over 56 x 56 pixels in tiles of 8: dY's blocks are whole, X's begin one
// pixel earlier or later for two taps of three, so that three taps have 1, 2 and 2 pieces in 8
// pixels: 5/24 a product, and a little less at the borders, where the padding ends none.
TEST(WeightGradientBlocks, OfWindowsAtStrideOneAreAboutAFifthOfTheProducts) {
  Case test = drawn_case(0);
  test.array = ArraySpec{};
  test.array.accumulator = Accumulator::kExactBlock;
  GemmWork& work = test.work;
  work.h = work.w = WindowAxis{56, 56, 3, 1, 1, 1, 3};
  work.images = 1;
  work.channels = 32;
  work.n = 32;
  work.block_a = work.block_b = {8, 8};
  const GemmTile whole{
      .images = {0, 1}, .h = {0, 56}, .w = {0, 56}, .channels = {0, 32}, .n = {0, 32}};
  const MapperChip chip = chip_of(test.array);
  const ArrayCost cost = closed_form(
      test.array, array_command(chip, Pass::kBackwardWeight, work, whole, Accumulate::kOverwrite));
  const double share = static_cast<double>(cost.counts[Event::kBlockAccumulate]) /
                       static_cast<double>(cost.counts[Event::kMac]);
  EXPECT_GT(share, 0.20);
  EXPECT_LT(share, 5.0 / 24);
}

}  // namespace
}  // namespace mxsim
