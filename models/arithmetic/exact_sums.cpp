#include "models/arithmetic/exact_sums.h"

#include <fmt/format.h>

#include <algorithm>

#include "models/arithmetic/dot_product.h"
#include "models/arithmetic/operand_decoder.h"
#include "models/dataflow/array_command.h"
#include "models/formats/exact_dot.h"
#include "models/formats/format_parameters.h"

namespace mxsim {
namespace {

constexpr SumFormat kInt32{Accumulator::kFixed, 32, 0};
/// Part times the product of two binary32 scales: mac.h.
constexpr std::int64_t kMostScaledBits = 54;

/// An integer of up to 8 bits under floating-point scales.
bool is_plain_integer(const FormatSpec& format) {
  constexpr int kMostBits = 8;
  const std::vector<BinadeRange>& ranges = format.element.binades;
  return format.scale && !format.tensor_scale && format.element_bits <= kMostBits &&
         ranges.size() == 1 && ranges[0].lowest_exponent == ranges[0].highest_exponent &&
         !format.scale->is_power_of_two();
}

/// A row without a block is of elements in any.
bool has(const SumOfFormats& row, const FormatSpec& format) {
  return std::any_of(row.formats.begin(), row.formats.end(), [&](const std::string& name) {
    return name == format.name || name == name_without_block(format);
  });
}

const SumOfFormats* stated_sum(const ArraySpec& array, const FormatSpec& a, const FormatSpec& b) {
  const auto row = std::find_if(array.sums.begin(), array.sums.end(), [&](const SumOfFormats& row) {
    return has(row, a) && has(row, b);
  });
  return row == array.sums.end() ? nullptr : &*row;
}

std::string view_fault(const FormatSpec& a, const FormatSpec& b, const std::string& sums) {
  const FormatSpec& format = has_exact_view(a) ? b : a;
  return fmt::format("{} of {} and {}: {} has no exact integer view: {}", sums, a.name, b.name,
                     format.name, no_exact_view(format));
}

}  // namespace

SumFormat sum_of(const ArraySpec& array, const FormatSpec& a, const FormatSpec& b) {
  if (const SumOfFormats* row = stated_sum(array, a, b)) return row->sum;
  const SumFormat sum = array.sum();
  const bool has_width = sum.accumulator == Accumulator::kFixed && sum.bits > 0;
  if (!has_width && is_plain_integer(a) && is_plain_integer(b)) return kInt32;
  if (adds_integers(sum.accumulator) && (!a.scale || !b.scale)) return {};
  return sum;
}

bool rounds_vectors_once(const ArraySpec& array, const FormatSpec& a, const FormatSpec& b) {
  return dot_product_width(array, a, b) > 1 && has_exact_view(a) && has_exact_view(b) &&
         !adds_integers(sum_of(array, a, b).accumulator);
}

std::string sum_fault(const ArraySpec& array, const FormatSpec& a, const FormatSpec& b,
                      std::int64_t terms) {
  if (terms < 1) terms = 1;
  const SumFormat sum = sum_of(array, a, b);
  const bool integer = adds_integers(sum.accumulator);
  if (!integer && !rounds_vectors_once(array, a, b)) return "";
  if (!has_exact_view(a) || !has_exact_view(b)) return view_fault(a, b, "sums " + to_string(sum));
  const bool shifts = a.scale->is_power_of_two() && b.scale->is_power_of_two();
  const std::int64_t most = shifts ? kMostAccumulatorBits : kMostScaledBits;
  const bool has_width = sum.accumulator == Accumulator::kFixed && sum.bits > 0;
  if (has_width && sum.bits <= most) return "";
  if (!integer) terms = std::min(terms, dot_product_width(array, a, b));
  const std::int64_t bits =
      has_width ? sum.bits : exact_dot_bits(travelling_element(a), travelling_element(b), terms);
  if (bits <= most) return "";
  return fmt::format("exact sums of {} products of {} and {} have {} bits, more than {}", terms,
                     a.name, b.name, bits, most);
}

std::string to_string(const SumFormat& sum) {
  switch (sum.accumulator) {
    case Accumulator::kFp32:
      return sum.chunk > 0 ? fmt::format("fp32 in chunks of {}", sum.chunk) : "fp32";
    case Accumulator::kBf16:
      return sum.chunk > 0 ? fmt::format("bf16 in chunks of {}", sum.chunk) : "bf16";
    case Accumulator::kExactBlock:
      return "exact_block";
    case Accumulator::kFixed:
      return sum.bits > 0 ? fmt::format("fixed, {} bits", sum.bits) : "fixed, lossless";
  }
  return "";
}

}  // namespace mxsim
