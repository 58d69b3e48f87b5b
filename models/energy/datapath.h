#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "models/energy/technology_table.h"
#include "models/formats/format_spec.h"

namespace mxsim {

/// A GEMM operand as the multiplier sees it.
struct OperandElement {
  std::string name;          ///< "int8", "e4m3"; binade ranges joined: "e3m2+e2m5"
  int bits = 0;              ///< of a stored element
  int significand_bits = 0;  ///< hidden bit included; all bits of an integer
  int exponent_bits = 0;     ///< 0 for integers
  int exponent_span = 0;     ///< largest less smallest binade
  int fixed_bits = 0;        ///< magnitude in units of the smallest step; all bits of an integer
  bool block_scaled = false;

  bool is_integer() const { return exponent_bits == 0; }
};

OperandElement operand_element(const FormatSpec& format);

/// The element of that name: of a table format, else any minifloat; with a block scale up to 8
/// bits. Nothing for other names.
std::optional<OperandElement> named_element(const std::string& name);

/// Bits, sign included, that hold every sum of `terms` products without rounding
/// (arXiv 2311.12359: integers a + b + log2 n + 1; minifloats 2^ea + ma + 2^eb + mb + log2 n - 1).
std::int64_t exact_sum_bits(const OperandElement& a, const OperandElement& b, std::int64_t terms);

/// Block length an exact accumulator is built for (the OCP MX block).
inline constexpr std::int64_t kExactSumTerms = 32;

/// The floating-point sum of a PE.
struct FloatSum {
  int exponent_bits = 8;
  int significand_bits = 24;

  int bits() const { return exponent_bits + significand_bits; }
};
inline constexpr FloatSum kFp32Sum{8, 24};
inline constexpr FloatSum kBf16Sum{8, 8};

/// Sizes of the parts of a multiply-accumulate datapath.
struct DatapathSize {
  double multiplier_bits2 = 0;
  double adder_bits = 0;
  double shifter_bit_stages = 0;
  double flop_bits = 0;
};

/// Products added one by one to a floating-point sum.
DatapathSize float_datapath(const OperandElement& a, const OperandElement& b, FloatSum sum);
/// Products aligned and added to an integer of `sum_bits`.
DatapathSize exact_datapath(const OperandElement& a, const OperandElement& b,
                            std::int64_t sum_bits);

/// One of `products` one-bit products a step: an XNOR gate (counted as a multiplier bit), its part
/// of the tree of adders that counts ones (2 n - 2 - log2 n adder bits), and of the integer sum.
DatapathSize popcount_datapath(std::int64_t products, std::int64_t sum_bits);

/// Whether no part of `part` is larger than the same part of `whole`.
bool contains(const DatapathSize& whole, const DatapathSize& part);

/// Size times cost: fJ or NAND2 equivalents, without the closed form's error.
double datapath_cost(const DatapathSize& size, const DatapathCosts& costs);

}  // namespace mxsim
