#include "models/mapping/gemm_mapper.h"

#include <gtest/gtest.h>

#include <functional>

#include "models/core/rng.h"
#include "models/formats/format_table.h"

namespace mxsim {
namespace {

/// A drawn convolution with its tensors, and a chip with small buffers.
struct Drawn {
  OpGroup group;
  std::vector<StoredTensor> tensors;
};

WindowAxis drawn_axis(const std::function<std::int64_t(std::int64_t)>& draw) {
  WindowAxis axis;
  axis.taps = axis.kernel = 1 + draw(3);
  axis.stride = 1 + draw(2);
  axis.pad = draw(axis.taps);
  axis.in = axis.taps + draw(20);
  axis.out = (axis.in + 2 * axis.pad - axis.taps) / axis.stride + 1;
  return axis;
}

Drawn draw_case(std::uint64_t index, GemmKind kind) {
  const CounterRng rng(3, "mapper");
  std::uint64_t k = index * 64;
  const std::function<std::int64_t(std::int64_t)> draw = [&](std::int64_t limit) {
    return static_cast<std::int64_t>(rng.bits(k++) % static_cast<std::uint64_t>(limit));
  };
  const DataLayout layout = index % 2 == 0 ? DataLayout{parse_format("mxsf"), {8, 8}}
                                           : DataLayout{parse_format("bf16"), {1, 1}};
  GemmWork work;
  work.kind = kind;
  work.images = 1 + draw(3);
  work.h = drawn_axis(draw);
  work.w = drawn_axis(draw);
  work.channels = 1 + draw(60);
  work.n = 1 + draw(60);
  work.a = 0;
  work.b = 1;
  work.format_a = work.format_b = layout.format;
  work.block_a = work.block_b = layout.block;
  Drawn drawn;
  const std::int64_t b_rows =
      kind == GemmKind::kWindow ? work.taps() * work.channels : work.positions();
  drawn.tensors.push_back(
      {"a", TensorRole::kActivation, work.images * work.h.in * work.w.in, work.channels, layout});
  drawn.tensors.push_back({"b", TensorRole::kWeight, b_rows, work.n, layout});
  drawn.group.layer = "drawn";
  drawn.group.rows = work.gemm_m();
  drawn.group.cols = work.n;
  drawn.group.gemms.push_back(work);
  return drawn;
}

MapperChip small_chip() {
  const BufferSpec buffer{Bytes(4096), 4, 8};
  MapperChip chip{ArraySpec{},
                  SramGeometry(buffer, 16),
                  SramGeometry(buffer, 16),
                  SramGeometry(buffer, 32),
                  VectorSpec{},
                  32,
                  8.0};
  chip.array.rows = chip.array.cols = 8;
  return chip;
}

class GemmMapper : public ::testing::TestWithParam<GemmKind> {};

TEST_P(GemmMapper, EveryTileOfItsMappingFitsASlotOfEachBuffer) {
  const MapperChip chip = small_chip();
  for (std::uint64_t i = 0; i < 120; ++i) {
    const Drawn drawn = draw_case(i, GetParam());
    const GemmWork& work = drawn.group.gemms.front();
    const GemmMapping mapping = map_gemm(drawn.group, work, drawn.tensors, chip);
    for_each_tile(work, mapping.tiling, [&](const GemmTile& tile, TilePosition) {
      const GemmExtents size = extents(work, tile);
      EXPECT_LE(size.m * size.n * 4, chip.accumulator.slot_bytes().count());
      EXPECT_LE(payload(memory_runs(drawn.tensors[0], 0, left_region(work, tile))),
                chip.input.slot_bytes())
          << "case " << i;
      EXPECT_LE(payload(memory_runs(drawn.tensors[1], 0, right_region(work, tile))),
                chip.weight.slot_bytes());
    });
  }
}

TEST_P(GemmMapper, ClaimsNoLessTrafficOrTimeThanTheOperandsAndTheArrayNeed) {
  const MapperChip chip = small_chip();
  for (std::uint64_t i = 0; i < 60; ++i) {
    const Drawn drawn = draw_case(i, GetParam());
    const GemmWork& work = drawn.group.gemms.front();
    const GemmMapping mapping = map_gemm(drawn.group, work, drawn.tensors, chip);
    Bytes least{0};  // every operand element that is used crosses once at least
    for (const StoredTensor& tensor : drawn.tensors) {
      if (work.h.stride == 1 && work.w.stride == 1) least += tensor.bytes();
    }
    EXPECT_GE(mapping.cost.dram_bytes, 0.9 * static_cast<double>(least.count())) << "case " << i;
    EXPECT_GE(mapping.cost.cycles, mapping.cost.array_cycles);
    EXPECT_GE(mapping.cost.array_cycles * 64, static_cast<double>(work.macs()));
  }
}

INSTANTIATE_TEST_SUITE_P(Kinds, GemmMapper,
                         ::testing::Values(GemmKind::kWindow, GemmKind::kWeightGradient),
                         [](const auto& each) {
                           return each.param == GemmKind::kWindow ? "Window" : "WeightGradient";
                         });

}  // namespace
}  // namespace mxsim
