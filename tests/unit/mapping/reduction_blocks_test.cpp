#include <gtest/gtest.h>

#include "models/dataflow/block_sums.h"
#include "models/formats/format_table.h"
#include "models/mapping/chip/mapper_chip.h"
#include "models/mapping/tiles/gemm_tiling.h"
#include "models/mapping/tiles/operand_data.h"
#include "models/workload/lower.h"
#include "tests/support/sample_work.h"
#include "tests/support/small_graphs.h"

namespace mxsim {
namespace {

MapperChip chip() {
  const BufferSpec buffer{Bytes(4096), 4, 8};
  ArraySpec array;
  array.accumulator = Accumulator::kExactBlock;
  return {array,
          SramGeometry(buffer, 8),
          SramGeometry(buffer, 8),
          SramGeometry(buffer, 32),
          VectorSpec{},
          64,
          8.0};
}

/// Elements that one exact sum of a row of results takes in must have one scale.
void expect_one_scale_a_sum(const ArrayCommand& command, const OperandData::Tile& tile) {
  for (std::int64_t m = 0; m < command.m; ++m) {
    std::int64_t first = 0;
    for (std::int64_t k = 0; k < command.k; ++k) {
      const auto left = [&](std::int64_t i) {
        return tile.a[static_cast<std::size_t>(m * command.k + i)];
      };
      ASSERT_EQ(left(k).scale, left(first).scale) << "left, row " << m << ", k " << k;
      for (std::int64_t n = 0; n < command.n; ++n) {
        const auto right = [&](std::int64_t i) {
          return tile.b[static_cast<std::size_t>(i * command.n + n)];
        };
        ASSERT_EQ(right(k).scale, right(first).scale) << "right, row " << m << ", k " << k;
      }
      if (ends_block(command.blocks, m, k)) first = k + 1;
    }
  }
}

TEST(ReductionBlocks, NoExactSumTakesInTwoScales) {
  for (const BlockShape block : {BlockShape{8, 8}, BlockShape{1, 8}, BlockShape{4, 16}}) {
    const OpList ops = testing::sample_work(parse_format("mxsf"), block);
    OperandData data(ops, 1);
    for (const OpGroup& group : ops.groups) {
      for (const GemmWork& work : group.gemms) {
        if (work.taps() == 0) continue;
        for (const GemmTiling& tiling :
             {GemmTiling{2, 7, 7, 20, 19, LoopOrder::kRowsColumnsReduction},
              GemmTiling{1, 3, 7, 6, 5, LoopOrder::kRowsColumnsReduction},
              GemmTiling{2, 7, 7, 12, 19, LoopOrder::kRowsColumnsReduction, 2},
              GemmTiling{1, 2, 3, 8, 19, LoopOrder::kColumnsRowsReduction}}) {
          for_each_tile(work, tiling, [&](const GemmTile& tile, TilePosition) {
            expect_one_scale_a_sum(
                array_command(chip(), group.pass, work, tile, Accumulate::kOverwrite),
                data.gather(work, tile));
          });
        }
      }
    }
  }
}

TEST(ReductionBlocks, NoExactSumOfAttentionTakesInTwoScales) {
  for (const BlockShape block : {BlockShape{8, 8}, BlockShape{4, 16}}) {
    LoweringPolicy policy;
    policy.batch = 3;
    policy.wide = parse_format("bf16");
    policy.formats.format = parse_format("mxsf");
    policy.formats.block = block;
    const OpList ops = lower(attention_graph(13, 2, 12), policy);
    OperandData data(ops, 1);
    for (const OpGroup& group : ops.groups) {
      for (const GemmWork& work : group.gemms) {
        for (const GemmTiling& tiling :
             {GemmTiling{1, 13, 1, 13, 13, LoopOrder::kRowsColumnsReduction},
              GemmTiling{1, 5, 1, 7, 12, LoopOrder::kColumnsRowsReduction}}) {
          for_each_tile(work, tiling, [&](const GemmTile& tile, TilePosition) {
            expect_one_scale_a_sum(
                array_command(chip(), group.pass, work, tile, Accumulate::kOverwrite),
                data.gather(work, tile));
          });
        }
      }
    }
  }
}

TEST(ReductionBlocks, FormatsWithoutExactViewAreAddedInFp32) {
  for (const char* format : {"nvfp4", "mxfp8_e5m2", "bf16"}) {
    const OpList ops = testing::sample_work(parse_format(format), {1, 1});
    const GemmWork& work = ops.groups.front().gemms.front();
    const GemmTile tile{0, {0, 1}, {0, 7}, {0, 7}, {0, 20}, {0, 19}};
    const ArrayCommand command =
        array_command(chip(), Pass::kForward, work, tile, Accumulate::kOverwrite);
    EXPECT_EQ(command.blocks.a_length, 0) << format;
    EXPECT_EQ(command.blocks.b_length, 0) << format;
  }
}

}  // namespace
}  // namespace mxsim
