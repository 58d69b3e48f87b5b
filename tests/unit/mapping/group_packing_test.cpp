// Grouped convolutions packed into block-diagonal products, executed tile by tile from the operands
// that the array gets, against the same convolution group by group.
#include "models/workload/group_packing.h"

#include <gtest/gtest.h>

#include <functional>

#include "models/dataflow/block_sums.h"
#include "models/formats/format_table.h"
#include "models/mapping/chip/mapper_chip.h"
#include "models/mapping/tiles/gemm_tiling.h"
#include "models/mapping/tiles/operand_data.h"

namespace mxsim {
namespace {

struct Case {
  GemmKind kind;
  Orientation orientation;
  std::int64_t groups, channels, n, packed;  ///< channels and n of a group alone
};

const std::vector<Case> kCases{{GemmKind::kWindow, Orientation::kAsStored, 12, 1, 1, 4},
                               {GemmKind::kWindow, Orientation::kAsStored, 12, 1, 2, 6},
                               {GemmKind::kWindow, Orientation::kAsStored, 6, 3, 2, 2},
                               {GemmKind::kWindow, Orientation::kTransposed, 12, 1, 1, 12},
                               {GemmKind::kWindow, Orientation::kTransposed, 6, 2, 3, 3},
                               {GemmKind::kWeightGradient, Orientation::kAsStored, 12, 1, 1, 4},
                               {GemmKind::kWeightGradient, Orientation::kAsStored, 6, 2, 3, 3}};

GemmWork alone(const Case& c) {
  GemmWork work;
  work.kind = c.kind;
  work.b_orientation = c.orientation;
  work.images = 2;
  for (WindowAxis* axis : {&work.h, &work.w}) {
    axis->in = 7;
    axis->out = 4;
    axis->taps = axis->kernel = 3;
    axis->stride = 2;
    axis->pad = 1;
  }
  work.groups = c.groups;
  work.channels = c.channels;
  work.n = c.n;
  work.a = 0;
  work.b = 1;
  return work;
}

OpList tensors_of(const GemmWork& work, const DataLayout& layout) {
  OpList ops;
  const std::int64_t inputs = work.images * work.h.in * work.w.in;
  ops.tensors.push_back(
      {"a", TensorRole::kActivation, inputs, work.channels * work.groups, layout});
  const bool transposed = work.b_orientation == Orientation::kTransposed;
  const std::int64_t rows = work.kind == GemmKind::kWeightGradient
                                ? work.positions()
                                : work.taps() * (transposed ? work.n : work.channels);
  ops.tensors.push_back({"b", TensorRole::kWeight, rows,
                         (transposed ? work.channels : work.n) * work.groups, layout});
  return ops;
}

using Place = std::pair<std::int64_t, std::int64_t>;

std::vector<Place> places(const TensorRegion& r) {
  std::vector<Place> found;
  for (std::int64_t i = r.images.start; i < r.images.end(); ++i)
    for (std::int64_t y = 0; y < r.h.count; ++y)
      for (std::int64_t x = 0; x < r.w.count; ++x)
        for (std::int64_t col = r.cols.start; col < r.cols.end(); ++col) {
          found.emplace_back((i * r.height + r.h.start + y * r.h.step) * r.width + r.w.start + x,
                             col);
        }
  return found;
}

/// Whether result (m, n) of a tile is one of the layer's own: all but those beside the diagonal of
/// a weight gradient.
bool belongs(const GemmWork& work, std::int64_t m, std::int64_t n) {
  return work.kind == GemmKind::kWindow ||
         m % work.channels / work.block_channels() == n / work.block_n();
}

std::map<Place, float> run(const GemmWork& work, const OpList& ops) {
  OperandData data(ops, 1);
  OpGroup group;
  group.gemms = {work};
  std::map<Place, float> results;
  const GemmTiling tiling{1, 2, 4, work.channels, work.n};
  for_each_tile(work, tiling, [&](const GemmTile& tile, TilePosition) {
    const GemmExtents size = extents(work, tile);
    const OperandData::Tile operands = data.gather(work, tile);
    const std::vector<float> left = decoded_values(operands.a, *operands.a_decoder);
    const std::vector<float> right = decoded_values(operands.b, *operands.b_decoder);
    const std::vector<Place> where = places(result_region(work, grid_size(group), tile));
    std::size_t found = 0;
    for (std::int64_t m = 0; m < size.m; ++m) {
      for (std::int64_t n = 0; n < size.n; ++n) {
        if (!belongs(work, m, n)) continue;
        const std::int64_t row =
            m / work.channels * work.block_channels() + m % work.channels % work.block_channels();
        const bool diagonal = work.kind == GemmKind::kWeightGradient;
        float& sum = results[where.at(static_cast<std::size_t>((diagonal ? row : m) * size.n + n))];
        ++found;
        for (std::int64_t k = 0; k < size.k; ++k) {
          sum += left[static_cast<std::size_t>(m * size.k + k)] *
                 right[static_cast<std::size_t>(k * size.n + n)];
        }
      }
    }
    EXPECT_EQ(found, where.size());
  });
  return results;
}

class GroupPacking : public testing::TestWithParam<Case> {};

TEST_P(GroupPacking, GivesTheResultsOfTheGroupsAlone) {
  GemmWork work = alone(GetParam());
  const OpList ops = tensors_of(work, {parse_format("fp32"), {1, 1}});
  work.format_a = work.format_b = parse_format("fp32");
  const GemmWork packed = pack_groups(work, GetParam().packed);
  EXPECT_EQ(packed.macs(), work.macs());
  const auto expected = run(work, ops);
  const auto got = run(packed, ops);
  ASSERT_EQ(got.size(), expected.size());
  for (const auto& [place, value] : expected) EXPECT_EQ(got.at(place), value);
}

TEST_P(GroupPacking, FetchesEachElementOfTheRightOperandOnce) {
  GemmWork work = alone(GetParam());
  const OpList ops = tensors_of(work, {parse_format("fp32"), {1, 1}});
  const GemmWork packed = pack_groups(work, GetParam().packed);
  std::map<Place, int> fetched;
  const GemmTiling tiling{2, 4, 4, packed.channels, packed.n};
  for_each_tile(packed, tiling, [&](const GemmTile& tile, TilePosition) {
    for (const Place& place : places(right_region(packed, tile))) ++fetched[place];
  });
  const StoredTensor& b = ops.tensors[1];
  EXPECT_EQ(static_cast<std::int64_t>(fetched.size()), b.rows * b.cols);
  for (const auto& [place, times] : fetched) EXPECT_EQ(times, 1);
}

TEST_P(GroupPacking, NoExactSumTakesInTwoScales) {
  const DataLayout layout{parse_format("mxsf"), {8, 8}};
  GemmWork work = alone(GetParam());
  const OpList ops = tensors_of(work, layout);
  work.format_a = work.format_b = layout.format;
  work.block_a = work.block_b = layout.block;
  const GemmWork packed = pack_groups(work, GetParam().packed);
  const BufferSpec buffer{Bytes(4096), 4, 8};
  ArraySpec array;
  array.accumulator = Accumulator::kExactBlock;
  const MapperChip chip{array,
                        SramGeometry(buffer, 8),
                        SramGeometry(buffer, 8),
                        SramGeometry(buffer, 32),
                        VectorSpec{},
                        64,
                        8.0};
  OperandData data(ops, 1);
  const GemmTiling tiling{1, 2, 4, packed.channels, packed.n};
  for_each_tile(packed, tiling, [&](const GemmTile& tile, TilePosition) {
    const ArrayCommand command =
        array_command(chip, Pass::kForward, packed, tile, Accumulate::kOverwrite);
    const OperandData::Tile operands = data.gather(packed, tile);
    for (std::int64_t n = 0; n < command.n; ++n) {
      for (std::int64_t k = 0; k + 1 < command.k; ++k) {
        if (ends_block(command.blocks, 0, k)) continue;
        EXPECT_EQ(operands.b[static_cast<std::size_t>(k * command.n + n)].scale,
                  operands.b[static_cast<std::size_t>((k + 1) * command.n + n)].scale);
      }
    }
  });
}

INSTANTIATE_TEST_SUITE_P(Cases, GroupPacking, testing::ValuesIn(kCases));

TEST(GroupPackingRule, DepthwiseFillsTheColumnsOfAWeightStationaryArray) {
  GemmWork work = alone({GemmKind::kWindow, Orientation::kAsStored, 96, 1, 1, 1});
  work.images = 1000;
  // 32 columns in ceil(9 * 32 / 32) = 9 passes beat 32 passes one by one and 24 columns in 7.
  EXPECT_EQ(packed_groups(work, ArraySpec{}, Pass::kForward), 32);
  work.groups = 31;  // prime, but no wider than the array
  EXPECT_EQ(packed_groups(work, ArraySpec{}, Pass::kForward), 31);
  work.groups = 37;
  EXPECT_EQ(packed_groups(work, ArraySpec{}, Pass::kForward), 1);
}

TEST(GroupPackingRule, HeadsOfAttentionStayAlone) {
  GemmWork work;
  work.groups = 4;
  work.h.in = work.h.out = 100;
  work.channels = 100;
  work.a_groups = GroupAxis::kRows;
  EXPECT_EQ(packed_groups(work, ArraySpec{}, Pass::kForward), 1);
  work.a_groups = GroupAxis::kColumns;
  work.result_groups = GroupAxis::kRows;
  EXPECT_EQ(packed_groups(work, ArraySpec{}, Pass::kForward), 1);
}

TEST(GroupPackingRule, GroupsThatFillTheArrayStayAlone) {
  GemmWork work = alone({GemmKind::kWindow, Orientation::kAsStored, 2, 48, 128, 1});
  EXPECT_EQ(packed_groups(work, ArraySpec{}, Pass::kForward), 1);
  work = alone({GemmKind::kWindow, Orientation::kAsStored, 4, 64, 8, 1});
  work.images = 1000;
  // Alone 4 * 18 passes, packed ceil(9 * 256 / 32) = 72: no faster.
  EXPECT_EQ(packed_groups(work, ArraySpec{}, Pass::kForward), 1);
}

}  // namespace
}  // namespace mxsim
