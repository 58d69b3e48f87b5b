#include <gtest/gtest.h>

#include <tuple>

#include "models/arithmetic/tile_kernel.h"
#include "models/core/rng.h"
#include "models/dataflow/closed_form.h"
#include "models/dataflow/dataflow_table.h"
#include "tests/support/array_case.h"

namespace mxsim {
namespace {

/// A way to add.
struct Sums {
  const char* name;
  Accumulator accumulator;
  std::int64_t bits;
  std::int64_t chunk_vectors;  ///< length of a chunk in dot products
};

constexpr Sums kSums[] = {
    {"fp32", Accumulator::kFp32, 0, 0},
    {"bf16", Accumulator::kBf16, 0, 0},
    {"exact_block", Accumulator::kExactBlock, 0, 0},
    {"fixed_lossless", Accumulator::kFixed, 0, 0},
    {"fixed_20_bits", Accumulator::kFixed, 20, 0},
    {"fp32_in_chunks", Accumulator::kFp32, 0, 2},
    {"bf16_in_chunks", Accumulator::kBf16, 0, 2},
};
constexpr std::int64_t kWidths[] = {1, 2, 3, 8};
constexpr ArrayGrid kGrids[] = {{1, 1}, {1, 2}, {2, 1}, {2, 3}};
constexpr std::int64_t kLargestArray = 5;
constexpr std::int64_t kLongestLatency = 3;

/// All that a result's bits depend on; what is no option of the array is drawn.
ArrayCase drawn_case(const Sums& sums, Dataflow dataflow, std::int64_t width,
                     std::uint64_t number) {
  const CounterRng rng(2, "product");
  const auto draw = [&](std::uint64_t field, std::uint64_t bound) {
    return static_cast<std::int64_t>(rng.bits(16 * number + field) % bound);
  };
  ArrayCase test;
  test.spec.accumulator = sums.accumulator;
  test.spec.accumulator_bits = sums.bits;
  test.spec.accumulator_chunk = sums.chunk_vectors * width;
  test.command.dataflow = dataflow;
  test.command.width = width;
  test.command.accumulate = draw(0, 2) == 0 ? Accumulate::kOverwrite : Accumulate::kAdd;
  test.command.interval = Cycles(draw(1, 4) == 0 ? 3 : 1);
  if (draw(15, 3) == 0) test.command.load = {2 + draw(14, 5), 2};
  test.command.blocks = {1 + draw(2, 5), 1 + draw(3, 5), draw(4, 7)};
  test.command.ports = {
      4 + 4 * draw(5, 3), 8 + 8 * draw(6, 2), 16, 16, 64, partial_sum_bits(sums.accumulator)};
  return test;
}

/// Fidelities `pe` and `tile` of one case against the reference's results; "" if all agree.
std::string disagreement(const ArrayCase& test, const std::vector<float>& reference) {
  const ArrayOutcome pe = run_pe(test);
  const ArrayOutcome tile = run_tile(test);
  const std::string found =
      difference(tile.cost, pe.cost) + difference(tile.c, pe.c) + difference(reference, pe.c);
  return found.empty() ? "" : test.text() + ": " + found;
}

/// Every column count, latency, buffering, grid and gating: none of them may change a bit.
std::string disagreement_of_any_array(ArrayCase test, std::int64_t& cases) {
  const std::vector<float> reference = reference_results(test);
  ArraySpec& spec = test.spec;
  for (const ArrayGrid& grid : kGrids) {
    spec.grid = grid;
    for (const auto gating : {ZeroGating::kOff, ZeroGating::kOn}) {
      spec.zero_gating = gating;
      for (const auto buffering : {WeightBuffering::kSingle, WeightBuffering::kDouble}) {
        spec.weight_buffering = buffering;
        for (spec.mac_latency_cycles = 1; spec.mac_latency_cycles <= kLongestLatency;
             ++spec.mac_latency_cycles) {
          for (spec.cols = 1; spec.cols <= kLargestArray; ++spec.cols, ++cases) {
            const std::string found = disagreement(test, reference);
            if (!found.empty()) return found;
          }
        }
      }
    }
  }
  return "";
}

/// Dataflow, way to add, PE rows.
class FullProduct : public testing::TestWithParam<std::tuple<Dataflow, Sums, std::int64_t>> {
 protected:
  /// Every shape up to `extent`^3.
  void run(std::int64_t extent) {
    const auto& [dataflow, sums, rows] = GetParam();
    std::int64_t cases = 0;
    std::uint64_t number = 0;
    for (const std::int64_t width : kWidths) {
      for (std::int64_t shape = 0; shape < extent * extent * extent; ++shape) {
        ArrayCase test = drawn_case(sums, dataflow, width, ++number);
        test.spec.rows = rows;
        test.command.m = 1 + shape % extent;
        test.command.n = 1 + shape / extent % extent;
        test.command.k = 1 + shape / (extent * extent);
        test.draw(static_cast<OperandKind>(number % 3), number);
        ASSERT_EQ(disagreement_of_any_array(test, cases), "");
      }
    }
    RecordProperty("cases", std::to_string(cases));
    EXPECT_EQ(cases, std::ssize(kWidths) * extent * extent * extent * std::ssize(kGrids) * 2 * 2 *
                         kLongestLatency * kLargestArray);
  }
};

using ReducedProduct = FullProduct;
using WholeProduct = FullProduct;

TEST_P(ReducedProduct, FidelitiesAndReferenceAgreeForShapesUpTo2) { run(2); }

TEST_P(WholeProduct, FidelitiesAndReferenceAgreeForShapesUpTo9) { run(9); }

std::string name_of(const testing::TestParamInfo<FullProduct::ParamType>& each) {
  return std::string(info(std::get<0>(each.param)).name) + "_" + std::get<1>(each.param).name +
         "_rows" + std::to_string(std::get<2>(each.param));
}

const auto kEvery =
    testing::Combine(testing::Values(Dataflow::kWeightStationary, Dataflow::kOutputStationary,
                                     Dataflow::kInputStationary),
                     testing::ValuesIn(kSums), testing::Range<std::int64_t>(1, kLargestArray + 1));

INSTANTIATE_TEST_SUITE_P(Short, ReducedProduct, kEvery, name_of);
INSTANTIATE_TEST_SUITE_P(Long, WholeProduct, kEvery, name_of);

}  // namespace
}  // namespace mxsim
