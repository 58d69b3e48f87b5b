#include "models/energy/datapath.h"

#include <algorithm>
#include <bit>
#include <map>
#include <utility>

#include "models/core/error.h"
#include "models/formats/format_table.h"

namespace mxsim {
namespace {

int ceil_log2(std::int64_t value) { return std::bit_width(static_cast<std::uint64_t>(value - 1)); }

/// Exponent field that tells the binades of `range` and one code below them apart.
int exponent_field_bits(const BinadeRange& range) {
  return ceil_log2(range.highest_exponent - range.lowest_exponent + 2);
}

std::string float_name(const NumberSpec& element) {
  std::string name;
  for (const BinadeRange& range : element.binades) {
    if (!name.empty()) name += "+";
    name += "e" + std::to_string(exponent_field_bits(range)) + "m" +
            std::to_string(range.mantissa_bits);
  }
  return name;
}

}  // namespace

OperandElement operand_element(const FormatSpec& format) {
  const NumberSpec& element = format.element;
  OperandElement result;
  result.bits = element.bits;
  result.block_scaled = format.scale.has_value();
  result.exponent_span = element.highest_exponent() - element.lowest_exponent();
  if (result.exponent_span == 0) {
    result.name = "int" + std::to_string(element.bits);
    result.significand_bits = element.bits;
    result.fixed_bits = element.bits;
    return result;
  }
  result.name = float_name(element);
  result.significand_bits = element.significand_bits();
  result.exponent_bits = ceil_log2(result.exponent_span + 2);
  result.fixed_bits = element.fixed_bits();
  return result;
}

namespace {

std::map<std::string, OperandElement> table_elements() {
  std::map<std::string, OperandElement> elements;
  for (const FormatSpec& format : format_table()) {
    OperandElement element = operand_element(format);
    elements[element.name] = std::move(element);
  }
  return elements;
}

}  // namespace

std::optional<OperandElement> named_element(const std::string& name) {
  constexpr int kWidestBlockScaled = 8;
  static const std::map<std::string, OperandElement> kElements = table_elements();
  OperandElement element;
  if (const auto found = kElements.find(name); found != kElements.end()) {
    element = found->second;
  } else {
    try {
      element = operand_element(parse_format(name + "fin"));
    } catch (const InputError&) {
      return std::nullopt;
    }
  }
  element.block_scaled = element.bits <= kWidestBlockScaled;
  return element;
}

bool contains(const DatapathSize& whole, const DatapathSize& part) {
  return part.multiplier_bits2 <= whole.multiplier_bits2 && part.adder_bits <= whole.adder_bits &&
         part.shifter_bit_stages <= whole.shifter_bit_stages && part.flop_bits <= whole.flop_bits;
}

std::int64_t exact_sum_bits(const OperandElement& a, const OperandElement& b, std::int64_t terms) {
  return a.fixed_bits + b.fixed_bits + ceil_log2(terms) + 1;
}

DatapathSize float_datapath(const OperandElement& a, const OperandElement& b, FloatSum sum) {
  constexpr int kBlockScaleBits = 10;
  const int aligned_bits = sum.significand_bits + 3;
  const int shift_stages = ceil_log2(aligned_bits);

  DatapathSize size;
  size.multiplier_bits2 = a.significand_bits * b.significand_bits;
  size.adder_bits = 4 * (sum.exponent_bits + 2) + 2 * (aligned_bits + 2) + sum.significand_bits +
                    std::max(a.exponent_bits, b.exponent_bits) + 1 +
                    (a.block_scaled || b.block_scaled ? kBlockScaleBits : 0);
  size.shifter_bit_stages =
      aligned_bits * shift_stages + (aligned_bits + 1) * shift_stages + 2 * aligned_bits;
  size.flop_bits = a.bits + b.bits + sum.bits();
  return size;
}

DatapathSize exact_datapath(const OperandElement& a, const OperandElement& b,
                            std::int64_t sum_bits) {
  constexpr double kShifterFill = 0.6;  // the low stages of the aligner reach few bits
  const auto width = static_cast<double>(sum_bits);

  DatapathSize size;
  size.multiplier_bits2 = a.significand_bits * b.significand_bits;
  size.adder_bits = std::max(a.exponent_bits, b.exponent_bits) + 1 + 2 * width;
  size.shifter_bit_stages = kShifterFill * width * ceil_log2(a.exponent_span + b.exponent_span + 1);
  size.flop_bits = a.bits + b.bits + width;
  return size;
}

DatapathSize popcount_datapath(std::int64_t products, std::int64_t sum_bits) {
  const auto count = static_cast<double>(products);
  const auto width = static_cast<double>(sum_bits);
  DatapathSize size;
  size.multiplier_bits2 = 1;
  size.adder_bits = (2 * count - 2 - ceil_log2(products) + width) / count;
  size.flop_bits = 2 + width / count;
  return size;
}

double datapath_cost(const DatapathSize& size, const DatapathCosts& costs) {
  return costs.multiplier.value * size.multiplier_bits2 + costs.adder.value * size.adder_bits +
         costs.shifter.value * size.shifter_bit_stages + costs.flop.value * size.flop_bits;
}

}  // namespace mxsim
