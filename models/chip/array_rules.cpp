#include "models/chip/array_rules.h"

#include <fmt/format.h>

namespace mxsim {
namespace {

/// check(sum, path of its keys) of the array's own and of those of some formats.
template <class Check>
void for_each_sum(const ArraySpec& array, Check check) {
  check(array.sum(), "");
  for (std::size_t i = 0; i < array.sums.size(); ++i) {
    check(array.sums[i].sum, fmt::format("accumulators/{}/", i));
  }
}

void check_sum(const SumFormat& sum, const std::string& path, std::vector<ArrayFault>& faults) {
  const bool rounds =
      sum.accumulator == Accumulator::kFp32 || sum.accumulator == Accumulator::kBf16;
  const std::int64_t bits = sum.bits;
  if (bits != 0 && sum.accumulator != Accumulator::kFixed) {
    faults.push_back({path + "accumulator_bits", "only accumulator \"fixed\" has a width"});
  } else if (bits != 0 && (bits < kFewestAccumulatorBits || bits > kMostAccumulatorBits)) {
    faults.push_back(
        {path + "accumulator_bits", fmt::format("got {}, expected 0 or {}..{}", bits,
                                                kFewestAccumulatorBits, kMostAccumulatorBits)});
  }
  if (sum.chunk > 0 && !rounds) {
    faults.push_back(
        {path + "accumulator_chunk", "only accumulators \"fp32\" and \"bf16\" have chunks"});
  }
}

void check_chunk(const SumFormat& sum, std::int64_t width, const std::string& path,
                 std::vector<ArrayFault>& faults) {
  if (sum.chunk % width == 0) return;
  faults.push_back(
      {path + "accumulator_chunk",
       fmt::format("got {}, expected a multiple of the dot product width {}", sum.chunk, width)});
}

void check_dot_product(const ArraySpec& array, std::vector<ArrayFault>& faults) {
  for (std::size_t i = 0; i < array.dot_product.size(); ++i) {
    const DotProductWidth& row = array.dot_product[i];
    if (i > 0 && row.significand_bits <= array.dot_product[i - 1].significand_bits) {
      faults.push_back(
          {"dot_product", "expected rows in order of significand_bits, the narrowest first"});
    }
    for_each_sum(array, [&](const SumFormat& sum, const std::string& path) {
      check_chunk(sum, row.width, path, faults);
    });
  }
}

}  // namespace

std::vector<ArrayFault> array_faults(const ArraySpec& array) {
  std::vector<ArrayFault> faults;
  for_each_sum(
      array, [&](const SumFormat& sum, const std::string& path) { check_sum(sum, path, faults); });
  check_dot_product(array, faults);
  return faults;
}

}  // namespace mxsim
