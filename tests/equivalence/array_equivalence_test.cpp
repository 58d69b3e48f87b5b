#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <tuple>

#include "models/core/rng.h"
#include "models/dataflow/closed_form.h"
#include "models/dataflow/dataflow_table.h"
#include "tests/support/array_case.h"

namespace mxsim {
namespace {

constexpr std::int64_t kLargestExtent = 9;
constexpr std::int64_t kLargestArray = 5;

ArrayCost plain_closed_form(const ArraySpec& spec, const ArrayCommand& command,
                            std::int64_t gated) {
  return closed_form(spec, command, gated);
}

/// Dataflow, PE rows, MAC latency.
class SmallArrayFidelities
    : public testing::TestWithParam<std::tuple<Dataflow, std::int64_t, std::int64_t>> {};

/// Every way to add, in turn; numbers from `draw`.
template <class Draw>
void choose_sums(std::uint64_t number, ArrayCase& test, Draw draw) {
  ArraySpec& spec = test.spec;
  test.command.width = draw(7, 2) == 0 ? 1 : 1 + draw(8, 4);
  const std::int64_t chunk = test.command.width * (1 + draw(9, 3));
  switch (number % 8) {
    case 0:
    case 1:
      spec.accumulator = Accumulator::kFp32;
      break;
    case 2:
    case 3:
      spec.accumulator = Accumulator::kExactBlock;
      break;
    case 4:
      spec.accumulator = Accumulator::kBf16;
      break;
    case 5:
      spec.accumulator = Accumulator::kFixed;
      spec.accumulator_bits = draw(10, 4) == 0 ? 0 : 18 + draw(10, 8);
      break;
    case 6:
      spec.accumulator = Accumulator::kFp32;
      spec.accumulator_chunk = chunk;
      break;
    default:
      spec.accumulator = Accumulator::kBf16;
      spec.accumulator_chunk = chunk;
  }
  test.command.ports.c_element_bits = partial_sum_bits(spec.accumulator);
}

/// Everything that is not an extent of the problem is drawn from the case's number.
ArrayCase small_case(std::uint64_t number) {
  const CounterRng rng(1, "small_case");
  const auto draw = [&](std::uint64_t field, std::uint64_t bound) {
    return static_cast<std::int64_t>(rng.bits(16 * number + field) % bound);
  };
  ArrayCase test;
  test.command.accumulate = draw(0, 2) == 0 ? Accumulate::kOverwrite : Accumulate::kAdd;
  test.command.interval = Cycles(draw(1, 4) == 0 ? 3 : 1);
  constexpr std::array kPaces{LoadPace{},     LoadPace{},     LoadPace{2, 1}, LoadPace{5, 1},
                              LoadPace{3, 2}, LoadPace{7, 5}, LoadPace{9, 4}};
  test.command.load = kPaces[static_cast<std::size_t>(draw(15, kPaces.size()))];
  test.command.blocks = {draw(2, 5), draw(3, 5), draw(4, 7)};
  test.command.ports = {4 + 4 * draw(5, 3), 8 + 8 * draw(6, 2), 16, 16, 64, 32};
  choose_sums(number, test, draw);
  if (draw(11, 3) == 0) test.spec.grid = {1 + draw(12, 3), 1 + draw(13, 3)};
  if (draw(14, 4) == 0) test.spec.zero_gating = ZeroGating::kOn;
  return test;
}

/// Every array width, buffering and extent; the ways to add alternate so that every shape sees each
/// on some array.
std::vector<ArrayCase> small_cases(Dataflow dataflow, std::int64_t rows, std::int64_t latency) {
  std::vector<ArrayCase> cases;
  ArrayCase test;
  const auto add = [&] {
    const std::uint64_t number = cases.size();
    ArrayCase next = small_case(number);
    next.spec.rows = rows;
    next.spec.mac_latency_cycles = latency;
    next.spec.cols = test.spec.cols;
    next.spec.weight_buffering = test.spec.weight_buffering;
    next.command.dataflow = dataflow;
    next.command.m = test.command.m;
    next.command.n = test.command.n;
    next.command.k = test.command.k;
    cases.push_back(next);
  };
  for (const auto buffering : {WeightBuffering::kSingle, WeightBuffering::kDouble}) {
    test.spec.weight_buffering = buffering;
    for (test.spec.cols = 1; test.spec.cols <= kLargestArray; ++test.spec.cols) {
      for (test.command.m = 1; test.command.m <= kLargestExtent; ++test.command.m) {
        for (test.command.n = 1; test.command.n <= kLargestExtent; ++test.command.n) {
          for (test.command.k = 1; test.command.k <= kLargestExtent; ++test.command.k) add();
        }
      }
    }
  }
  return cases;
}

TEST_P(SmallArrayFidelities, AgreeOnCyclesEventsWordsAndBitsForEverySmallShape) {
  const auto [dataflow, rows, latency] = GetParam();
  std::uint64_t number = 0;
  for (ArrayCase& test : small_cases(dataflow, rows, latency)) {
    ++number;
    test.draw(static_cast<OperandKind>(number % 3), number);
    ASSERT_EQ(compare_fidelities(test, plain_closed_form), "");
  }
}

INSTANTIATE_TEST_SUITE_P(AllSmallArrays, SmallArrayFidelities,
                         testing::Combine(testing::Values(Dataflow::kWeightStationary,
                                                          Dataflow::kOutputStationary,
                                                          Dataflow::kInputStationary),
                                          testing::Range<std::int64_t>(1, kLargestArray + 1),
                                          testing::Values<std::int64_t>(1, 2, 3)),
                         [](const auto& instance) {
                           return std::string(mxsim::info(std::get<0>(instance.param)).name) +
                                  "_rows" + std::to_string(std::get<1>(instance.param)) +
                                  "_latency" + std::to_string(std::get<2>(instance.param));
                         });

/// Dataflow, width of the dot products, grid.
class GridsOfDotProducts
    : public testing::TestWithParam<
          std::tuple<Dataflow, std::int64_t, std::pair<std::int64_t, std::int64_t>>> {};

TEST_P(GridsOfDotProducts, AgreeForEverySmallShapeAndArray) {
  constexpr std::int64_t kExtents = 6;
  constexpr std::int64_t kArrays = 3;
  const auto [dataflow, width, grid] = GetParam();
  std::uint64_t number = 0;
  for (std::int64_t at = 0; at < kExtents * kExtents * kExtents * kArrays * kArrays; ++at) {
    ArrayCase test = small_case(++number);
    test.spec.grid = {grid.first, grid.second};
    test.spec.rows = 1 + at % kArrays;
    test.spec.cols = 1 + at / kArrays % kArrays;
    test.spec.mac_latency_cycles = 1 + static_cast<std::int64_t>(number % 2);
    test.spec.weight_buffering =
        number % 4 < 2 ? WeightBuffering::kSingle : WeightBuffering::kDouble;
    if (test.spec.accumulator_chunk > 0) test.spec.accumulator_chunk = 2 * width;
    test.command.width = width;
    test.command.dataflow = dataflow;
    const std::int64_t shape = at / (kArrays * kArrays);
    test.command.m = 1 + shape % kExtents;
    test.command.n = 1 + shape / kExtents % kExtents;
    test.command.k = 1 + shape / (kExtents * kExtents) * 3;
    test.draw(static_cast<OperandKind>(number % 3), number);
    ASSERT_EQ(compare_fidelities(test, plain_closed_form), "");
  }
}

INSTANTIATE_TEST_SUITE_P(
    All, GridsOfDotProducts,
    testing::Combine(testing::Values(Dataflow::kWeightStationary, Dataflow::kOutputStationary,
                                     Dataflow::kInputStationary),
                     testing::Values<std::int64_t>(1, 3, 8, kWidestDotProduct),
                     testing::Values(std::pair(1, 2), std::pair(2, 1), std::pair(3, 2))),
    [](const auto& instance) {
      const auto& grid = std::get<2>(instance.param);
      return std::string(mxsim::info(std::get<0>(instance.param)).name) + "_width" +
             std::to_string(std::get<1>(instance.param)) + "_grid" + std::to_string(grid.first) +
             "x" + std::to_string(grid.second);
    });

TEST(ArrayFidelities, AgreeOnRandomLargerProblems) {
  constexpr std::uint64_t kSeed = 20261122;
  const CounterRng rng(kSeed, "larger");
  for (std::uint64_t i = 0; i < 120; ++i) {
    ArrayCase test = small_case(1'000'000 + i);
    const auto draw = [&](std::uint64_t field, std::uint64_t bound) {
      return static_cast<std::int64_t>(rng.bits(16 * i + field) % bound) + 1;
    };
    test.spec.rows = draw(0, 20);
    test.spec.cols = draw(1, 20);
    test.spec.mac_latency_cycles = draw(2, 5);
    test.spec.weight_buffering =
        draw(3, 2) == 1 ? WeightBuffering::kDouble : WeightBuffering::kSingle;
    test.command.dataflow = dataflow_table()[i % 3].dataflow;
    test.command.m = draw(5, 60);
    test.command.n = draw(6, 60);
    test.command.k = draw(7, 60);
    test.command.blocks = {draw(8, 4) * 8, draw(9, 4) * 8, draw(10, 64)};
    test.draw(static_cast<OperandKind>(i % 2 == 0 ? 0 : i % 3), i);
    ASSERT_EQ(compare_fidelities(test, plain_closed_form), "") << "seed " << kSeed << " case " << i;
  }
}

TEST(ArrayFidelities, AgreeOnGatedZerosWhichChangeNothingElse) {
  for (std::uint64_t i = 0; i < 60; ++i) {
    ArrayCase test = small_case(i);
    test.spec.rows = 3;
    test.spec.cols = 4;
    test.command.dataflow = dataflow_table()[i % 3].dataflow;
    test.command.m = 5;
    test.command.n = 7;
    test.command.k = 8;
    test.draw(OperandKind::kShort, i);
    test.b[9].code = std::bit_cast<std::uint32_t>(std::numeric_limits<float>::infinity());
    test.spec.zero_gating = ZeroGating::kOff;
    const ArrayOutcome ungated = run_pe(test);
    test.spec.zero_gating = ZeroGating::kOn;
    const ArrayOutcome pe = run_pe(test);
    EXPECT_EQ(difference(run_tile(test).cost, pe.cost), "") << test.text();
    EXPECT_EQ(difference(ungated.c, pe.c), "") << test.text();
    EXPECT_GT(pe.cost.counts[Event::kMacGated], 0u);
    EXPECT_EQ(pe.cost.counts[Event::kMac] + pe.cost.counts[Event::kMacGated],
              ungated.cost.counts[Event::kMac]);
    EXPECT_EQ(pe.cost.cycles, ungated.cost.cycles);
  }
}

TEST(ArrayFidelities, PoisonedBlocksAndInfinitiesGiveTheSameNotANumber) {
  for (const DataflowInfo& row : dataflow_table()) {
    for (const Accumulator accumulator : {Accumulator::kFp32, Accumulator::kExactBlock}) {
      ArrayCase test = small_case(5);
      test.spec.rows = test.spec.cols = 4;
      test.spec.accumulator = accumulator;
      test.command.dataflow = row.dataflow;
      test.command.m = test.command.n = test.command.k = 9;
      test.command.blocks = {3, 3, 0};
      test.draw(OperandKind::kBlocks, 3);
      for (std::size_t k = 3; k < 6; ++k) {
        test.a[9 + k].scale = std::numeric_limits<float>::quiet_NaN();
      }
      const std::vector<float> pe = run_pe(test).c;
      EXPECT_EQ(difference(pe, run_tile(test).c), "") << test.text();
      for (std::size_t i = 0; i < pe.size(); ++i) {
        EXPECT_EQ(std::isnan(pe[i]), i / 9 == 1) << test.text() << " result " << i;
      }
    }
  }
}

/// The comparison finds a closed form that is wrong by `extra` cycles or events.
TEST(CompareFidelities, ReportsEveryPlantedOffByOne) {
  ArrayCase test = small_case(9);
  test.spec.rows = test.spec.cols = 3;
  test.command.m = test.command.n = test.command.k = 7;
  test.draw(OperandKind::kBlocks, 1);
  ASSERT_EQ(compare_fidelities(test, plain_closed_form), "");
  const auto late = [](const ArraySpec& spec, const ArrayCommand& command, std::int64_t) {
    ArrayCost cost = closed_form(spec, command);
    cost.cycles += Cycles(1);
    return cost;
  };
  EXPECT_THAT(compare_fidelities(test, late), testing::HasSubstr("cycles: "));
  for (const Event event :
       {Event::kMac, Event::kPass, Event::kPeIdleCycles, Event::kStationaryLoads,
        Event::kStationaryMoves, Event::kOperandAReads, Event::kOperandBReads,
        Event::kPartialSumReads, Event::kPartialSumWrites}) {
    const auto wrong = [&](const ArraySpec& spec, const ArrayCommand& command, std::int64_t) {
      ArrayCost cost = closed_form(spec, command);
      cost.counts.add(event, 1);
      return cost;
    };
    EXPECT_THAT(compare_fidelities(test, wrong),
                testing::HasSubstr(std::string(info(event).name) + ": "));
  }
}

/// A rule that forgets the bubble ahead of a shorter last reduction tile is caught.
TEST(CompareFidelities, ReportsAForgottenPassBorder) {
  ArrayCase test;
  test.spec.rows = test.spec.cols = 4;
  test.command.m = 9;
  test.command.n = 4;
  test.command.k = 5;
  test.draw(OperandKind::kBlocks, 1);
  const auto forgetful = [](const ArraySpec& spec, const ArrayCommand& command, std::int64_t) {
    ArrayCost cost = closed_form(spec, command);
    const std::int64_t steady = 4 + 9 + 9 + 1 + 4 - 2;
    cost.cycles = Cycles(steady);
    return cost;
  };
  ASSERT_EQ(compare_fidelities(test, plain_closed_form), "");
  EXPECT_THAT(compare_fidelities(test, forgetful), testing::HasSubstr("cycles: 25 and 28"));
}

}  // namespace
}  // namespace mxsim
