// Arrays that add over channels alone: no pass holds two taps of a window.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <set>

#include "models/dataflow/closed_form.h"
#include "models/formats/format_parser.h"
#include "models/mapping/plan_run.h"
#include "models/mapping/search/packing_choice.h"
#include "models/mapping/search/tile_candidates.h"
#include "models/memory/built_buffer.h"
#include "models/workload/lower.h"
#include "sim/run/simulation.h"
#include "tests/property/drawn_networks.h"
#include "tests/support/dram_devices.h"
#include "tests/support/tiny_chip.h"

namespace mxsim {
namespace {

using testing::draw;

struct Drawn {
  ChipConfig chip = testing::tiny_chip();
  DramDevice dram = testing::sample_devices().front();
  OpList ops;
};

Drawn drawn() {
  Drawn it;
  it.chip.array.rows = draw(1, 9);
  it.chip.array.cols = draw(1, 9);
  it.chip.array.dataflow.forward = Dataflow::kWeightStationary;
  it.chip.unrolling.reduction = ReductionUnrolling::kChannels;
  LoweringPolicy policy;
  policy.mode = Mode::kInfer;
  policy.batch = draw(1, 2);
  policy.wide = parse_format("bf16");
  policy.formats.format = parse_format("bf16");
  policy.array = it.chip.array;
  it.ops = lower(testing::drawn_cnn(), policy);
  choose_packings(it.ops, mapper_chip(it.chip, it.dram, it.ops));
  return it;
}

/// Of a weight-stationary array whose rows hold the channels of one tap, if no tile cuts positions,
/// channels or columns further.
std::int64_t fewest_passes(const ArraySpec& array, const GemmWork& work) {
  return work.products() * work.taps() * ceil_div(work.channels, array.rows) *
         ceil_div(work.n, array.cols);
}

RC_GTEST_PROP(ChannelUnrolling, GivesEveryTapPassesOfItsOwn, ()) {
  const Drawn it = drawn();
  const MapperChip chip = mapper_chip(it.chip, it.dram, it.ops);
  const RunPlan plan = plan_run(it.ops, chip, Bytes(it.dram.organisation.capacity_bytes()));
  for (ProgramSource source(plan); !source.done();) {
    for (const Command& command : source.next(0).commands) {
      const auto* array = std::get_if<ArrayWork>(&command.work);
      if (array == nullptr) continue;
      const GemmWork& work = it.ops.groups[command.group].gemms[array->gemm];
      RC_ASSERT(extents(work, array->tile).k == array->tile.channels.count);
    }
  }
  const SimulationResult result = simulate({it.ops, it.chip, it.dram});
  for (std::size_t g = 0; g < it.ops.groups.size(); ++g) {
    std::int64_t fewest = 0;
    for (const GemmWork& work : it.ops.groups[g].gemms) {
      fewest += fewest_passes(it.chip.array, work);
    }
    const auto passes =
        static_cast<std::int64_t>(result.groups[g].counts[Unit::kArray][Event::kPass]);
    RC_ASSERT(passes >= fewest);
    RC_ASSERT((passes == 0) == (fewest == 0));
  }
}

/// A 3x3 convolution of 24 channels and 20 results on 4x4 positions.
GemmWork small_convolution() {
  GemmWork work;
  work.h = work.w = {6, 4, 3};
  work.h.kernel = work.w.kernel = 3;
  work.channels = 24;
  work.n = 20;
  work.a = 0;
  work.b = 1;
  work.format_a = work.format_b = parse_format("bf16");
  return work;
}

std::int64_t passes(const MapperChip& chip, std::int64_t taps) {
  const GemmWork work = small_convolution();
  std::uint64_t sum = 0;
  for_each_tile(work, {1, 4, 4, 24, 20, LoopOrder::kRowsColumnsReduction, taps},
                [&](const GemmTile& tile, TilePosition position) {
                  const Accumulate accumulate =
                      position.first_of_reduction ? Accumulate::kOverwrite : Accumulate::kAdd;
                  const ArrayCommand command =
                      array_command(chip, Pass::kForward, work, tile, accumulate);
                  sum += closed_form(chip.array, command).counts[Event::kPass];
                });
  return static_cast<std::int64_t>(sum);
}

TEST(ChannelUnrolling, TakesAsManyPassesAsTapsTimesPiecesOfChannelsAndColumns) {
  ChipConfig chip = testing::tiny_chip();
  chip.array.rows = chip.array.cols = 16;
  const std::vector<BuiltBuffer> built = built_buffers(chip.buffers, {{16}, {16}, {32}});
  MapperChip mapper{chip.array, *geometry_of(Unit::kSramInput, built),
                    *geometry_of(Unit::kSramWeight, built),
                    *geometry_of(Unit::kSramAccumulator, built), VectorSpec{}};
  EXPECT_EQ(passes(mapper, 0), 14 * 2) << "216 rows of the product in pieces of 16";
  EXPECT_EQ(passes(mapper, 1), 9 * 2 * 2) << "24 channels in pieces of 16, tap by tap";
  StoredTensor stored;
  stored.layout.format = parse_format("bf16");
  const auto taps = [&] {
    std::set<std::int64_t> found;
    for (const auto& each :
         tile_candidates(small_convolution(), {stored, stored}, mapper).weights) {
      found.insert(each.taps);
    }
    return found;
  };
  EXPECT_TRUE(taps().contains(0));
  mapper.unrolling.reduction = ReductionUnrolling::kChannels;
  EXPECT_EQ(taps(), std::set<std::int64_t>{1});
}

}  // namespace
}  // namespace mxsim
