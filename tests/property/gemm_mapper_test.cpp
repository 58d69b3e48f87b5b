#include "models/mapping/search/gemm_mapper.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>

#include "models/core/rng.h"
#include "models/formats/format_table.h"
#include "models/mapping/program/program_builder.h"
#include "models/mapping/search/mapping_model.h"

namespace mxsim {
namespace {

/// A drawn convolution with its tensors.
struct Drawn {
  OpList ops;

  const OpGroup& group() const { return ops.groups.front(); }
  const GemmWork& work() const { return group().gemms.front(); }
};

using Draw = std::function<std::int64_t(std::int64_t)>;

/// Numbers below a limit.
Draw draws(const char* name, std::uint64_t index) {
  return [rng = CounterRng(3, name), k = index * 256](std::int64_t limit) mutable {
    return static_cast<std::int64_t>(rng.bits(k++) % static_cast<std::uint64_t>(limit));
  };
}

WindowAxis drawn_axis(const Draw& draw, std::int64_t extent) {
  WindowAxis axis;
  axis.taps = axis.kernel = 1 + draw(3);
  axis.stride = 1 + draw(2);
  axis.dilation = 1 + draw(2);
  const std::int64_t span = (axis.taps - 1) * axis.dilation + 1;
  axis.pad = draw(span);
  axis.in = span + draw(extent);
  axis.out = (axis.in + 2 * axis.pad - span) / axis.stride + 1;
  return axis;
}

/// Largest sizes that are drawn.
struct DrawnSizes {
  std::int64_t images = 3;
  std::int64_t extent = 20;
  std::int64_t channels = 60;
  std::int64_t groups = 1;
};

Drawn draw_case(std::uint64_t index, GemmKind kind, DrawnSizes sizes = {}) {
  const Draw draw = draws("mapper", index);
  const DataLayout layout = index % 2 == 0 ? DataLayout{parse_format("mxsf"), {8, 8}}
                                           : DataLayout{parse_format("bf16"), {1, 1}};
  GemmWork work;
  work.kind = kind;
  work.images = 1 + draw(sizes.images);
  work.h = drawn_axis(draw, sizes.extent);
  work.w = drawn_axis(draw, sizes.extent);
  work.channels = 1 + draw(sizes.channels);
  work.n = 1 + draw(sizes.channels);
  work.groups = 1 + draw(sizes.groups);
  work.a = 0;
  work.b = 1;
  work.format_a = work.format_b = layout.format;
  work.block_a = work.block_b = layout.block;
  Drawn drawn;
  const std::int64_t b_rows =
      kind == GemmKind::kWindow ? work.taps() * work.channels : work.positions();
  const std::int64_t columns = work.n * work.groups;
  std::vector<StoredTensor>& tensors = drawn.ops.tensors;
  tensors.push_back({"a", TensorRole::kActivation, work.images * work.h.in * work.w.in,
                     work.channels * work.groups, layout});
  tensors.push_back({"b", TensorRole::kWeight, b_rows, columns, layout});
  tensors.push_back({"c", TensorRole::kActivation, work.gemm_m(), columns, layout});
  tensors.push_back({"skip", TensorRole::kActivation, work.gemm_m(), columns, layout});
  for (StoredTensor& tensor : tensors) {
    if (index % 3 == 0) continue;
    tensor.tile = {4 << draw(3), 4 << draw(3),
                   draw(2) == 0 ? ScalePlace::kApart : ScalePlace::kBeside};
  }
  OpGroup group;
  group.layer = "drawn";
  group.rows = work.gemm_m();
  group.cols = columns;
  group.gemms.push_back(work);
  group.vector_ops = {{Event::kVectorAdd, 1}};
  group.writes = {{2, Encoding::kConvert}};
  group.streamed_reads = {3};
  drawn.ops.groups.push_back(group);
  return drawn;
}

MapperChip chip_with(Bytes input, Bytes weight, Bytes accumulator) {
  const auto buffer = [](Bytes bytes, std::int64_t bits) {
    return SramGeometry(BufferSpec{bytes, 4, 8}, bits);
  };
  MapperChip chip{
      ArraySpec{}, buffer(input, 16), buffer(weight, 16), buffer(accumulator, 32), VectorSpec{}, 32,
      8.0};
  chip.array.rows = chip.array.cols = 8;
  chip.mapping.prices = {20, 5, 5, 8, 9, 30};
  return chip;
}

MapperChip small_chip(ArrayTiming timing = ArrayTiming::kNative) {
  MapperChip chip = chip_with(Bytes(4096), Bytes(4096), Bytes(4096));
  chip.array.timing = timing;
  return chip;
}

/// So little room that operands of a few hundred elements need many tiles.
MapperChip tight_chip() { return chip_with(Bytes(512), Bytes(512), Bytes(512)); }

class GemmMapper : public ::testing::TestWithParam<GemmKind> {};

TEST_P(GemmMapper, EveryTileOfItsMappingFitsASlotOfEachBuffer) {
  const MapperChip chip = small_chip();
  for (std::uint64_t i = 0; i < 120; ++i) {
    const Drawn drawn = draw_case(i, GetParam());
    const GemmWork& work = drawn.work();
    const GemmMapping mapping = map_gemm(drawn.group(), work, drawn.ops.tensors, chip);
    for_each_tile(work, mapping.tiling, [&](const GemmTile& tile, TilePosition) {
      const GemmExtents size = extents(work, tile);
      EXPECT_LE(size.m * size.n * 4, chip.accumulator.slot_bytes().count());
      EXPECT_LE(payload(memory_runs(drawn.ops.tensors[0], 0, left_region(work, tile))),
                chip.input.slot_bytes())
          << "case " << i;
      EXPECT_LE(payload(memory_runs(drawn.ops.tensors[1], 0, right_region(work, tile))),
                chip.weight.slot_bytes());
    });
  }
}

bool in_dram(const MemoryPlan& memory, TensorId id) {
  const auto resident = memory.residents().find(id);
  return resident == memory.residents().end() || resident->second.copy == Resident::Copy::kInDram;
}

/// The tensor that the address belongs to, or -1.
TensorId owner(const Drawn& drawn, const MemoryPlan& memory, std::int64_t address) {
  for (std::size_t i = 0; i < drawn.ops.tensors.size(); ++i) {
    const auto id = static_cast<TensorId>(i);
    const std::int64_t end = memory.base(id) + drawn.ops.tensors[i].bytes().count();
    if (in_dram(memory, id) && address >= memory.base(id) && address < end) return id;
  }
  return -1;
}

/// Any of the tensors, each with a place of its own.
std::vector<Resident> drawn_residents(const Draw& draw, const OpList& ops) {
  std::vector<Resident> residents;
  for (std::size_t i = 0; i < ops.tensors.size(); ++i) {
    if (draw(2) == 0) continue;
    const auto offset = static_cast<std::int64_t>(i) << 30;
    const auto copy = draw(2) == 0 ? Resident::Copy::kNone : Resident::Copy::kInDram;
    residents.push_back({static_cast<TensorId>(i), offset, 0, 0, copy});
  }
  return residents;
}

/// What a program's transfers move.
struct Moved {
  MappingTraffic dram;  ///< by what it is
  OnChipMoves on_chip;
};

Moved moved_by(const Drawn& drawn, const GemmTiling& tiling, const MapperChip& chip,
               const std::vector<Resident>& residents) {
  const RingSlots slots = ring_slots(chip, drawn.work());
  const MemoryPlan memory(drawn.ops, Bytes(std::int64_t{1} << 40),
                          spill_bytes(drawn.work(), tiling, slots, chip.dram_burst_bytes),
                          residents);
  ProgramBuilder builder(drawn.ops, memory, chip, GroupOverlap::kOff);
  Moved all;
  MappingTraffic& traffic = all.dram;
  for (const Command& command : builder.next({{tiling, {}}}, 0).commands) {
    const auto* transfer = std::get_if<TransferWork>(&command.work);
    if (transfer == nullptr) continue;
    if (transfer->stays_on_chip()) {
      (command.unit == Unit::kDmaRead ? all.on_chip.read : all.on_chip.written) +=
          payload(transfer->runs).count();
      continue;
    }
    const TensorId id = owner(drawn, memory, transfer->runs.front().base);
    const std::int64_t bytes = moved_bytes(transfer->runs, chip.dram_burst_bytes).count();
    (id < 0    ? traffic.partial_sums
     : id >= 3 ? traffic.streamed
     : id == 2 ? traffic.results
     : id == 1 ? traffic.right
               : traffic.left) += bytes;
  }
  return all;
}

GemmTiling drawn_tiling(const Draw& draw, const GemmWork& work) {
  const bool window = work.kind == GemmKind::kWindow;
  return {1 + draw(work.images),
          1 + draw(work.h.out),
          1 + draw(work.w.out),
          1 + draw(work.channels),
          1 + draw(work.n),
          kLoopOrders[static_cast<std::size_t>(draw(kLoopOrders.size()))].order,
          window ? draw(work.taps()) : 0};
}

TEST_P(GemmMapper, PredictsExactlyTheBurstsThatTheProgramMoves) {
  const MapperChip chip = small_chip();
  std::size_t fitting = 0, spilling = 0, staying = 0;
  for (std::uint64_t i = 0; i < 400; ++i) {
    const Drawn drawn = draw_case(i, GetParam(), {3, 12, 40, 3});
    const GemmTiling tiling = drawn_tiling(draws("tiling", i), drawn.work());
    const std::vector<Resident> residents = drawn_residents(draws("residents", i), drawn.ops);
    MappingModel model(drawn.group(), drawn.work(), drawn.ops.tensors, chip,
                       kept_tensors(drawn.ops, residents).front());
    if (trips(drawn.work(), tiling).total() > 3000 || !model.misfit(tiling).empty()) continue;
    ++fitting;
    const MappingCost predicted = model.cost(tiling);
    if (predicted.traffic.partial_sums > 0) ++spilling;
    if (predicted.on_chip.total() > 0) ++staying;
    const Moved moved = moved_by(drawn, tiling, chip, residents);
    ASSERT_EQ(predicted.traffic, moved.dram) << "case " << i;
    ASSERT_EQ(predicted.on_chip, moved.on_chip) << "case " << i;
  }
  EXPECT_GT(fitting, 40U);
  EXPECT_GT(spilling, 10U);
  EXPECT_GT(staying, 20U);
}

TEST_P(GemmMapper, BoundsItsCostsFromBelow) {
  for (const ArrayTiming timing : {ArrayTiming::kNative, ArrayTiming::kScaleSim}) {
    const MapperChip chip = small_chip(timing);
    for (std::uint64_t i = 0; i < 300; ++i) {
      const Drawn drawn = draw_case(i, GetParam(), {3, 12, 40, 3});
      const GemmTiling tiling = drawn_tiling(draws("tiling", i), drawn.work());
      const std::vector<Resident> residents = drawn_residents(draws("residents", i), drawn.ops);
      MappingModel model(drawn.group(), drawn.work(), drawn.ops.tensors, chip,
                         kept_tensors(drawn.ops, residents).front());
      const auto sizes = model.sizes(tiling);
      if (!sizes) {
        EXPECT_NE(model.misfit(tiling), "") << "case " << i;
        continue;
      }
      const MappingCost exact = model.cost(tiling);
      for (const MappingCost& bound : {model.bound(*sizes), model.closer_bound(*sizes, tiling)}) {
        for (const MappingObjectiveInfo& each : kMappingObjectives) {
          ASSERT_LE(score(bound, each.objective), score(exact, each.objective))
              << "case " << i << " " << each.name;
        }
      }
    }
  }
}

/// The best score over all tile sizes and all orders; no bounds, no candidates left out.
MappingScore brute_force(const Drawn& drawn, const MapperChip& chip) {
  const GemmWork& work = drawn.work();
  MappingModel model(drawn.group(), work, drawn.ops.tensors, chip);
  const bool window = work.kind == GemmKind::kWindow;
  MappingScore best{1e300, 0, 0};
  GemmTiling tiling;
  for (tiling.images = 1; tiling.images <= work.images; ++tiling.images)
    for (tiling.h = 1; tiling.h <= work.h.out; ++tiling.h)
      for (tiling.w = 1; tiling.w <= work.w.out; ++tiling.w)
        for (tiling.channels = 1; tiling.channels <= work.channels; ++tiling.channels)
          for (tiling.n = 1; tiling.n <= work.n; ++tiling.n) {
            for (tiling.taps = 0; tiling.taps < (window ? work.taps() : 1); ++tiling.taps) {
              if (!model.misfit(tiling).empty()) continue;
              for (const LoopOrderInfo& each : kLoopOrders) {
                tiling.order = each.order;
                best = std::min(best, score(model.cost(tiling), chip.mapping.objective));
              }
            }
          }
  return best;
}

TEST_P(GemmMapper, FindsTheBruteForceOptimumForEveryObjective) {
  std::size_t searched = 0;
  for (std::uint64_t i = 0; i < 30; ++i) {
    const Drawn drawn = draw_case(i, GetParam(), {2, 4, 10, 2});
    const GemmWork& work = drawn.work();
    if (work.images * work.h.out * work.w.out > 64) continue;
    ++searched;
    for (const MappingObjectiveInfo& each : kMappingObjectives) {
      MapperChip chip = tight_chip();
      chip.mapping.objective = each.objective;
      const GemmMapping found = map_gemm(drawn.group(), work, drawn.ops.tensors, chip);
      ASSERT_EQ(score(found.cost, each.objective), brute_force(drawn, chip))
          << "case " << i << " " << each.name;
    }
  }
  EXPECT_GT(searched, 15U);
}

/// Chips that are `chip` with one thing grown, by its name.
std::vector<std::pair<const char*, MapperChip>> grown(const MapperChip& chip) {
  const auto larger = [](std::int64_t bits, std::int64_t banks) {
    return SramGeometry(BufferSpec{Bytes(2048 * banks / 4), banks, 8}, bits);
  };
  std::vector<std::pair<const char*, MapperChip>> chips(5, {"", chip});
  chips[0].first = "input bytes";
  chips[0].second.input = larger(16, 4);
  chips[1].first = "weight bytes and banks";
  chips[1].second.weight = larger(16, 8);
  chips[2].first = "accumulator bytes and banks";
  chips[2].second.accumulator = larger(32, 8);
  chips[3].first = "word width";
  chips[3].second.input = SramGeometry(BufferSpec{Bytes(1024), 4, 16}, 16);
  chips[4].first = "DRAM bandwidth";
  chips[4].second.dram_bytes_per_cycle *= 2;
  return chips;
}

/// The sizes that are tried do not depend on the buffers, so that what fits a chip fits the grown
/// one, where it costs no more.
TEST_P(GemmMapper, NeverMovesMoreNorTakesLongerOnAGrownChip) {
  MapperChip chip = chip_with(Bytes(1024), Bytes(1024), Bytes(1024));
  for (std::uint64_t i = 0; i < 40; ++i) {
    const Drawn drawn = draw_case(i, GetParam(), {3, 12, 40, 2});
    for (const MappingObjective goal : {MappingObjective::kDramBytes, MappingObjective::kLatency}) {
      chip.mapping.objective = goal;
      const auto& tensors = drawn.ops.tensors;
      const MappingCost before = map_gemm(drawn.group(), drawn.work(), tensors, chip).cost;
      for (const auto& [what, more] : grown(chip)) {
        const MappingCost after = map_gemm(drawn.group(), drawn.work(), tensors, more).cost;
        if (goal == MappingObjective::kLatency) {
          ASSERT_LE(after.cycles, before.cycles) << "case " << i << " " << what;
        } else {
          ASSERT_LE(after.traffic.total(), before.traffic.total()) << "case " << i << " " << what;
        }
      }
    }
  }
}

TEST_P(GemmMapper, ListsItsBestMappingsInOrderBeginningWithTheChosenOne) {
  const MapperChip chip = small_chip();
  for (std::uint64_t i = 0; i < 20; ++i) {
    const Drawn drawn = draw_case(i, GetParam());
    const auto& tensors = drawn.ops.tensors;
    const auto best = best_mappings(drawn.group(), drawn.work(), tensors, chip, 5);
    EXPECT_EQ(best.front().tiling, map_gemm(drawn.group(), drawn.work(), tensors, chip).tiling);
    for (std::size_t k = 1; k < best.size(); ++k) {
      EXPECT_LE(score(best[k - 1].cost, chip.mapping.objective),
                score(best[k].cost, chip.mapping.objective));
      EXPECT_NE(best[k - 1].tiling, best[k].tiling);
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Kinds, GemmMapper,
                         ::testing::Values(GemmKind::kWindow, GemmKind::kWeightGradient),
                         [](const auto& each) {
                           return each.param == GemmKind::kWindow ? "Window" : "WeightGradient";
                         });

}  // namespace
}  // namespace mxsim
