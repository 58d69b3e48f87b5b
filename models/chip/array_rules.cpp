#include "models/chip/array_rules.h"

#include <fmt/format.h>

namespace mxsim {
namespace {

void check_accumulator(const ArraySpec& array, std::vector<ArrayFault>& faults) {
  const bool rounds =
      array.accumulator == Accumulator::kFp32 || array.accumulator == Accumulator::kBf16;
  const std::int64_t bits = array.accumulator_bits;
  if (bits != 0 && array.accumulator != Accumulator::kFixed) {
    faults.push_back({"accumulator_bits", "only accumulator \"fixed\" has a width"});
  } else if (bits != 0 && (bits < kFewestAccumulatorBits || bits > kMostAccumulatorBits)) {
    faults.push_back(
        {"accumulator_bits", fmt::format("got {}, expected 0 or {}..{}", bits,
                                         kFewestAccumulatorBits, kMostAccumulatorBits)});
  }
  if (array.accumulator_chunk > 0 && !rounds) {
    faults.push_back({"accumulator_chunk", "only accumulators \"fp32\" and \"bf16\" have chunks"});
  }
}

void check_dot_product(const ArraySpec& array, std::vector<ArrayFault>& faults) {
  for (std::size_t i = 0; i < array.dot_product.size(); ++i) {
    const DotProductWidth& row = array.dot_product[i];
    if (i > 0 && row.significand_bits <= array.dot_product[i - 1].significand_bits) {
      faults.push_back(
          {"dot_product", "expected rows in order of significand_bits, the narrowest first"});
    }
    if (array.accumulator_chunk % row.width != 0) {
      faults.push_back({"accumulator_chunk",
                        fmt::format("got {}, expected a multiple of the dot product width {}",
                                    array.accumulator_chunk, row.width)});
    }
  }
}

}  // namespace

std::vector<ArrayFault> array_faults(const ArraySpec& array) {
  std::vector<ArrayFault> faults;
  check_accumulator(array, faults);
  check_dot_product(array, faults);
  return faults;
}

}  // namespace mxsim
