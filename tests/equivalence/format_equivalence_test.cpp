#include <gtest/gtest.h>

#include <cmath>
#include <iostream>
#include <optional>
#include <tuple>

#include "models/arithmetic/exact_sums.h"
#include "models/core/error.h"
#include "models/core/rng.h"
#include "models/dataflow/dataflow_table.h"
#include "models/formats/element_codec.h"
#include "models/formats/format_parser.h"
#include "models/formats/format_table.h"
#include "sim/run/gemm_run.h"
#include "tests/support/array_case.h"

namespace mxsim {
namespace {

constexpr std::uint64_t kSeed = 20261123;

const std::vector<ArraySpec>& ways_to_add() {
  static const std::vector<ArraySpec> ways = [] {
    std::vector<ArraySpec> all;
    for (const auto& [accumulator, bits, chunk] :
         {std::tuple{Accumulator::kFp32, 0, 0}, std::tuple{Accumulator::kExactBlock, 0, 0},
          std::tuple{Accumulator::kBf16, 0, 0}, std::tuple{Accumulator::kFixed, 0, 0},
          std::tuple{Accumulator::kFixed, 18, 0}, std::tuple{Accumulator::kFp32, 0, 16},
          std::tuple{Accumulator::kBf16, 0, 16}}) {
      ArraySpec& spec = all.emplace_back();
      spec.accumulator = accumulator;
      spec.accumulator_bits = bits;
      spec.accumulator_chunk = chunk;
    }
    return all;
  }();
  return ways;
}

/// A GEMM of up to `longest` a side on an array drawn from `number`.
GemmRequest drawn_request(const FormatSpec& a, const FormatSpec& b, std::uint64_t number,
                          std::uint64_t longest) {
  const CounterRng rng(kSeed, "formats");
  const auto draw = [&](std::uint64_t field, std::uint64_t bound) {
    return static_cast<std::int64_t>(rng.bits(16 * number + field) % bound) + 1;
  };
  GemmRequest request;
  request.array = ways_to_add()[number % ways_to_add().size()];
  ArraySpec& array = request.array;
  array.rows = draw(0, 20);
  array.cols = draw(1, 20);
  array.mac_latency_cycles = draw(2, 3);
  array.weight_buffering = draw(3, 2) == 1 ? WeightBuffering::kSingle : WeightBuffering::kDouble;
  array.zero_gating = draw(4, 4) == 1 ? ZeroGating::kOn : ZeroGating::kOff;
  if (draw(5, 3) == 1) array.grid = {draw(6, 2), draw(7, 2)};
  if (draw(8, 2) == 1) array.dot_product = {{4, 16}, {8, 4}, {11, 2}};
  request.dataflow = dataflow_table()[number / ways_to_add().size() % 3].dataflow;
  request.m = draw(10, longest);
  request.n = draw(11, longest);
  request.k = draw(12, longest);
  request.set_format(b);
  const DataLayout b_layout = request.b_layout;
  request.set_format(a);
  request.b_layout = b_layout;
  request.seed = number;
  request.check = BitCheck::kReference;
  return request;
}

void expect_agreement(GemmRequest request, std::uint64_t number) {
  const FormatSpec& a = request.a_layout.format;
  const FormatSpec& b = request.b_layout.format;
  if (!sum_fault(request.array, a, b, request.k).empty()) {
    EXPECT_THROW(validate(request), InputError) << a.name << " x " << b.name;
    return;
  }
  request.fidelity = Fidelity::kPe;
  const GemmResult pe = run_gemms({request}).front();
  request.fidelity = Fidelity::kTile;
  const GemmResult tile = run_gemms({request}).front();
  const std::string text = "seed " + std::to_string(kSeed) + " case " + std::to_string(number) +
                           ": " + request.a_layout.format.name + " x " +
                           request.b_layout.format.name;
  EXPECT_EQ(difference(tile.cost, pe.cost), "") << text;
  EXPECT_EQ(tile.output_hash, pe.output_hash) << text;
  EXPECT_EQ(tile.equals_reference, true) << text;
  EXPECT_EQ(pe.equals_reference, true) << text;
}

/// Index into format_table().
class EveryFormat : public testing::TestWithParam<std::size_t> {
 protected:
  EveryFormat() { std::cout << "seed " << kSeed << '\n'; }
  const FormatSpec& format() const { return format_table()[GetParam()]; }
};

TEST_P(EveryFormat, AgreesInBothFidelitiesWithTheReferenceForEveryDataflowAndWayToAdd) {
  const std::uint64_t cases = 3 * ways_to_add().size();
  for (std::uint64_t i = 0; i < cases; ++i) {
    const std::uint64_t number = GetParam() * cases + i;
    expect_agreement(drawn_request(format(), format(), number, 80), number);
  }
}

TEST_P(EveryFormat, AgreesBesideEveryOther) {
  for (std::size_t other = 0; other < format_table().size(); ++other) {
    const std::uint64_t number = 1'000'000 + GetParam() * format_table().size() + other;
    expect_agreement(drawn_request(format(), format_table()[other], number, 40), number);
  }
}

INSTANTIATE_TEST_SUITE_P(Table, EveryFormat, testing::Range<std::size_t>(0, format_table().size()),
                         [](const auto& each) { return format_table()[each.param].name; });

/// Codes that mean NaN and infinity, if the format has them.
struct Specials {
  std::optional<std::uint32_t> nan;
  std::optional<std::uint32_t> infinity;
};

Specials specials_of(const FormatSpec& format) {
  Specials found;
  if (!travels_as_code(format) || format.element_bits > 16) return found;
  const OperandDecoder decoder(format);
  for (std::uint32_t code = 0; code < (1u << format.element_bits); ++code) {
    const double value = decoder.element(code);
    if (std::isnan(value)) found.nan = code;
    if (std::isinf(value) && value > 0) found.infinity = code;
  }
  return found;
}

/// Of the table, and two with block scales whose exact sums meet infinities and NaN.
std::vector<FormatSpec> formats_with_specials() {
  std::vector<FormatSpec> formats;
  for (const FormatSpec& format : format_table()) {
    if (specials_of(format).nan) formats.push_back(format);
  }
  formats.push_back(parse_format("e3m4,e8m0_t32"));
  formats.push_back(parse_format("e4m3fn,e8m0_t8"));
  return formats;
}

/// Row 1 of A and column 2 of B hold one special element each, ahead of and behind whole blocks.
ArrayCase poisoned_case(const FormatSpec& format, const ArraySpec& way, Dataflow dataflow,
                        std::uint32_t code) {
  ArrayCase test;
  test.spec = way;
  test.spec.rows = test.spec.cols = 3;
  test.command.dataflow = dataflow;
  test.command.m = 4;
  test.command.n = 5;
  test.command.k = 12;
  test.command.width = way.accumulator_chunk > 0 || way.accumulator_bits > 0 ? 1 : 4;
  test.command.ports.c_element_bits = partial_sum_bits(way.accumulator);
  if (has_exact_view(format)) test.command.blocks = {4, 4, 0};
  test.decoder = OperandDecoder(format);
  const std::uint32_t one = ElementCodec(format.element).encode(1);
  test.a.assign(48, {one, 0.5F});
  test.b.assign(60, {one, 2.0F});
  test.c.assign(20, 1.0F);
  test.a[1 * 12 + 6].code = code;
  test.b[3 * 5 + 2].code = code;
  return test;
}

TEST(SpecialElements, MakeTheWholeResultWhatIeeeSumsDo) {
  std::size_t infinities = 0;
  for (const FormatSpec& format : formats_with_specials()) {
    const Specials specials = specials_of(format);
    for (const ArraySpec& way : ways_to_add()) {
      for (const DataflowInfo& row : dataflow_table()) {
        for (const auto& code : {specials.nan, specials.infinity}) {
          if (!code) continue;
          const bool is_nan = code == specials.nan;
          infinities += is_nan ? 0 : 1;
          const ArrayCase test = poisoned_case(format, way, row.dataflow, *code);
          const std::vector<float> pe = run_pe(test).c;
          EXPECT_EQ(difference(pe, run_tile(test).c), "") << format.name << ' ' << test.text();
          EXPECT_EQ(difference(pe, reference_results(test)), "") << format.name << test.text();
          for (std::size_t i = 0; i < pe.size(); ++i) {
            const bool touched = i / 5 == 1 || i % 5 == 2;
            EXPECT_EQ(std::isnan(pe[i]), touched && is_nan) << format.name << test.text() << i;
            EXPECT_EQ(std::isinf(pe[i]), touched && !is_nan) << format.name << test.text() << i;
          }
        }
      }
    }
  }
  EXPECT_GT(infinities, 0u);
}

TEST(SpecialElements, CancelToNaNInExactSums) {
  const FormatSpec format = parse_format("e3m4,e8m0_t32");
  const std::uint32_t infinity = *specials_of(format).infinity;
  const std::uint32_t sign = 1u << (format.element_bits - 1);
  for (const ArraySpec& way : ways_to_add()) {
    for (const DataflowInfo& row : dataflow_table()) {
      ArrayCase test = poisoned_case(format, way, row.dataflow, infinity);
      test.b[3 * 5 + 2] = test.b[0];
      test.a[1 * 12 + 9].code = infinity | sign;  // of another block
      test.a[2 * 12 + 5].code = infinity;
      test.b[5 * 5 + 4].code = 0;
      const std::vector<float> pe = run_pe(test).c;
      EXPECT_EQ(difference(pe, run_tile(test).c), "") << test.text();
      EXPECT_EQ(difference(pe, reference_results(test)), "") << test.text();
      for (std::size_t i = 0; i < pe.size(); ++i) {
        const bool undefined = i / 5 == 1 || (i / 5 == 2 && i % 5 == 4);
        EXPECT_EQ(std::isnan(pe[i]), undefined) << test.text() << i;
      }
    }
  }
}

}  // namespace
}  // namespace mxsim
