#include "models/dataflow/closed_form.h"

#include <gtest/gtest.h>

#include "models/core/rng.h"
#include "models/dataflow/block_sums.h"
#include "models/dataflow/dataflow_table.h"

namespace mxsim {
namespace {

ArrayCommand command(Dataflow dataflow, std::int64_t m, std::int64_t n, std::int64_t k) {
  ArrayCommand result;
  result.dataflow = dataflow;
  result.m = m;
  result.n = n;
  result.k = k;
  return result;
}

TEST(DataflowTable, IsIndexedByTheEnumeration) {
  for (const DataflowInfo& row : dataflow_table()) {
    EXPECT_EQ(info(row.dataflow).name, row.name);
  }
}

TEST(ClosedForm, OnePassTakesTheTextbookCycles) {
  ArraySpec spec;
  spec.rows = 4;
  spec.cols = 6;
  for (std::int64_t m = 1; m <= 4; ++m) {
    for (std::int64_t n = 1; n <= 6; ++n) {
      for (std::int64_t k = 1; k <= 4; ++k) {
        // Load or drain of r rows, streamed length T, one hop per row and column.
        const auto cycles = [&](Dataflow dataflow) {
          return closed_form(spec, command(dataflow, m, n, k)).cycles.count();
        };
        EXPECT_EQ(cycles(Dataflow::kWeightStationary), k + m + k + n - 2);
        EXPECT_EQ(cycles(Dataflow::kOutputStationary), k + m + n - 2 + m);
        EXPECT_EQ(cycles(Dataflow::kInputStationary), k + n + k + m - 2);
      }
    }
  }
}

TEST(ClosedForm, FullPassesCostTheLongerOfStreamAndLoadInSteadyState) {
  ArraySpec spec;
  spec.rows = spec.cols = 8;
  for (std::int64_t length : {1, 5, 8, 13, 100}) {
    for (const Dataflow dataflow : {Dataflow::kWeightStationary, Dataflow::kInputStationary}) {
      const bool ws = dataflow == Dataflow::kWeightStationary;
      const auto cycles = [&](std::int64_t tiles) {
        return closed_form(spec, ws ? command(dataflow, length, 8 * tiles, 8)
                                    : command(dataflow, 8 * tiles, length, 8))
            .cycles.count();
      };
      EXPECT_EQ(cycles(7) - cycles(6), std::max<std::int64_t>(length, 8));
    }
    const auto os = [&](std::int64_t tiles) {
      return closed_form(spec, command(Dataflow::kOutputStationary, 8, 8 * tiles, length))
          .cycles.count();
    };
    EXPECT_EQ(os(7) - os(6), std::max<std::int64_t>(length, 8));
  }
}

TEST(ClosedForm, SingleBufferedPassesPayForEveryLoadOrDrain) {
  ArraySpec spec;
  spec.rows = spec.cols = 8;
  spec.weight_buffering = WeightBuffering::kSingle;
  for (const DataflowInfo& row : dataflow_table()) {
    const auto cycles = [&](std::int64_t tiles) {
      ArrayCommand work = command(row.dataflow, 8, 8, 8);
      (row.dataflow == Dataflow::kInputStationary ? work.m : work.n) *= tiles;
      return closed_form(spec, work).cycles.count();
    };
    EXPECT_EQ(cycles(7) - cycles(6), 8 + 8) << row.name;
  }
}

TEST(ClosedForm, PeCyclesAreTheWholeArraysCyclesAndMacsTheShapesProduct) {
  ArraySpec spec;
  const CounterRng rng(7, "closed_form");
  for (std::uint64_t i = 0; i < 300; ++i) {
    const auto draw = [&](std::uint64_t j, std::uint64_t bound) {
      return static_cast<std::int64_t>(rng.bits(16 * i + j) % bound + 1);
    };
    spec.rows = draw(0, 40);
    spec.cols = draw(1, 40);
    spec.mac_latency_cycles = draw(2, 4);
    ArrayCommand work =
        command(dataflow_table()[i % 3].dataflow, draw(3, 500), draw(4, 500), draw(5, 500));
    work.interval = Cycles(draw(6, 3));
    const ArrayCost cost = closed_form(spec, work);
    const auto cycles = static_cast<std::uint64_t>(cost.cycles.count());
    const auto pes = static_cast<std::uint64_t>(spec.rows * spec.cols);
    EXPECT_EQ(cost.counts[Event::kMac], static_cast<std::uint64_t>(work.m * work.n * work.k));
    EXPECT_EQ(cost.counts[Event::kPeActiveCycles] + cost.counts[Event::kPeIdleCycles],
              pes * cycles);
    EXPECT_EQ(cost.port_stall.count() * work.interval.count(),
              cost.cycles.count() * (work.interval.count() - 1));
    EXPECT_GE(pes * cycles, cost.counts[Event::kMac]);
  }
}

// Row i's element moves through i + 1 registers; the last row of PEs holds 1 of 3 products'
// elements.
TEST(ClosedForm, CountsARegisterMoveForEveryRowThatAStationaryOperandPasses) {
  ArraySpec spec;
  spec.rows = 4;
  spec.cols = 8;
  const auto moves = [&](const ArrayCommand& work) {
    return closed_form(spec, work).counts[Event::kStationaryMoves];
  };
  EXPECT_EQ(moves(command(Dataflow::kWeightStationary, 9, 5, 3)), 5u * (1 + 2 + 3));
  EXPECT_EQ(moves(command(Dataflow::kInputStationary, 9, 5, 6)), 9u * (1 + 2 + 3 + 4 + 1 + 2));
  EXPECT_EQ(moves(command(Dataflow::kOutputStationary, 9, 5, 6)), 0u);
  ArrayCommand dots = command(Dataflow::kWeightStationary, 9, 5, 7);
  dots.width = 3;
  EXPECT_EQ(moves(dots), 5u * (3 * 1 + 3 * 2 + 1 * 3));
}

// 16 passes of 100 streamed vectors; ports take 12 steps for each of the 8 vectors of a load.
TEST(ClosedForm, PaysForAStationaryLoadOnceAPassBehindThePassBefore) {
  ArraySpec spec;
  spec.rows = spec.cols = 8;
  spec.mac_latency_cycles = 1;
  ArrayCommand work = command(Dataflow::kWeightStationary, 100, 128, 8);
  const std::int64_t fast = closed_form(spec, work).cycles.count();
  EXPECT_EQ(fast, 8 + 16 * 100 + 8 + 8 - 2);
  work.load = {12, 1};
  EXPECT_EQ(closed_form(spec, work).cycles.count(), 8 * 12 + 16 * 100 + 8 + 8 - 2);
  EXPECT_EQ(closed_form(spec, work).port_stall, Cycles(8 * 12 - 8));
  work.load = {25, 2};  // 100 steps a load: as long as a pass
  EXPECT_EQ(closed_form(spec, work).cycles.count(), 17 * 100 + 8 + 8 - 2);
  work.load = {20, 1};  // passes wait for loads
  EXPECT_EQ(closed_form(spec, work).cycles.count(), 16 * 160 + 100 + 8 + 8 - 2);
  spec.weight_buffering = WeightBuffering::kSingle;
  EXPECT_EQ(closed_form(spec, work).cycles.count(), 16 * 160 + 15 * (100 - 19) + 100 + 8 + 8 - 2);
}

TEST(ClosedForm, MillionsOnEveryAxisStayInRange) {
  ArraySpec spec;
  for (const DataflowInfo& row : dataflow_table()) {
    const ArrayCost cost =
        closed_form(spec, command(row.dataflow, 1'000'000, 1'000'000, 1'000'000));
    EXPECT_EQ(cost.counts[Event::kMac], 1'000'000'000'000'000'000u) << row.name;
    EXPECT_GT(cost.cycles.count(), 976'562'500'000'000) << row.name;
  }
}

TEST(BlockSums, AreThePiecesBetweenBlockAndPassBorders) {
  for (std::int64_t a = 1; a <= 6; ++a) {
    for (std::int64_t b = 1; b <= 6; ++b) {
      for (std::int64_t pass = 1; pass <= 7; ++pass) {
        for (std::int64_t start = 0; start <= 80; ++start) {
          const std::int64_t offset = start % 9, b_offset = start / 9;
          std::int64_t pieces = 0;
          const ReductionBlocks blocks{a, b, offset, b_offset - offset};
          for (std::int64_t k = 1; k <= 20; ++k) {
            const bool border =
                (offset + k - 1) % a == 0 || (b_offset + k - 1) % b == 0 || (k - 1) % pass == 0;
            pieces += border || k == 1 ? 1 : 0;
            ASSERT_EQ(block_sums(blocks, k, pass), pieces)
                << a << " " << b << " " << pass << " " << offset << " " << b_offset << " " << k;
            ASSERT_EQ(ends_block(blocks, 0, k - 1),
                      (offset + k) % a == 0 || (b_offset + k) % b == 0);
          }
        }
      }
    }
  }
}

}  // namespace
}  // namespace mxsim
