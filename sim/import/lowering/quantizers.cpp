#include "sim/import/lowering/quantizers.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "models/core/error.h"

namespace mxsim {
namespace {

/// A node and the tensors it reads.
struct Quantizer {
  const NetNode& node;
  const std::vector<NetTensor>& tensors;

  const NetTensor* input(std::size_t i) const {
    if (i >= node.inputs.size() || node.inputs[i] < 0) return nullptr;
    return &tensors[static_cast<std::size_t>(node.inputs[i])];
  }
  /// The greatest number of a constant input.
  long double number(std::size_t i, const char* what) const {
    const NetTensor* held = input(i);
    if (held == nullptr || !held->values || held->values->numbers.empty()) {
      throw InputError(fmt::format("its {} is not constant", what));
    }
    return *std::max_element(held->values->numbers.begin(), held->values->numbers.end());
  }
  std::int64_t bits(std::size_t i, const char* what, std::int64_t most) const {
    const long double given = number(i, what);
    if (!(given >= 0 && given <= most) || given != std::trunc(given)) {
      throw InputError(fmt::format("its {} is {}, expected a whole number up to {}", what,
                                   static_cast<double>(given), most));
    }
    return static_cast<std::int64_t>(given);
  }
};

std::string integer_format(std::int64_t bits, bool is_signed, bool narrow) {
  if (bits == 1) return "binary";
  if (bits == 2 && is_signed && narrow) return "ternary";
  return fmt::format("{}int{}", is_signed ? "" : "u", bits);
}

std::string integer_quantizer(const Quantizer& q) {
  return integer_format(q.bits(3, "bit width", 32), q.node.integer("signed", 1) != 0,
                        q.node.integer("narrow", 0) != 0);
}

/// Exponent and mantissa bits, the bias where it is not the standard, and which codes are no
/// numbers.
std::string float_quantizer(const Quantizer& q) {
  const std::int64_t exponent = q.bits(2, "exponent width", 8);
  const std::int64_t mantissa = q.bits(3, "mantissa width", 23);
  std::string format = fmt::format("e{}m{}", exponent, mantissa);
  const std::int64_t standard = exponent > 0 ? (std::int64_t{1} << (exponent - 1)) - 1 : 0;
  if (q.input(4) != nullptr) {
    const std::int64_t bias = q.bits(4, "exponent bias", 255);
    if (bias != standard) format += fmt::format("b{}", bias);
  }
  const bool infinity = q.node.integer("has_inf", q.node.integer("has_infinity", 0)) != 0;
  const bool nan = q.node.integer("has_nan", 0) != 0;
  return format + (infinity ? "" : nan ? "fn" : "fnuz");
}

/// Fewest bits of the integers between a Clip's limits.
std::string clipped_integers(const Quantizer& q, const std::string& format) {
  const auto limit = [&](std::size_t i, const char* attribute) -> std::optional<long double> {
    const NetTensor* held = q.input(i);
    if (held != nullptr && held->values && held->values->numbers.size() == 1) {
      return held->values->numbers[0];
    }
    const auto found = q.node.numbers.find(attribute);
    if (found == q.node.numbers.end()) return std::nullopt;
    return found->second;
  };
  const auto low = limit(1, "min");
  const auto high = limit(2, "max");
  const bool integers = format.starts_with("int") || format.starts_with("uint");
  if (!integers || !low || !high || *high < 1) return format;
  const bool is_signed = *low < 0;
  const long double reach = std::max(-*low, *high + 1);
  const auto bits = static_cast<std::int64_t>(std::ceil(std::log2(reach))) + (is_signed ? 1 : 0);
  return integer_format(bits, is_signed, is_signed && -*low == *high);
}

bool is_integer_element(const std::string& element) {
  return element == "int8" || element == "uint8" || element == "int16" || element == "uint16";
}

/// Results hold elements of the first input alone.
bool only_moves(const std::string& op) {
  static const std::set<std::string> kOps{
      "Identity", "Cast",    "Relu",      "Clip",      "MaxPool", "GlobalMaxPool", "Reshape",
      "Flatten",  "Squeeze", "Unsqueeze", "Transpose", "Slice",   "Split",         "Unstack",
      "Gather",   "Expand",  "Tile",      "Dropout",   "Pad",     "DepthToSpace",  "SpaceToDepth"};
  return kOps.contains(op);
}

/// The format that all inputs have.
std::string common_format(const NetNode& node, const std::vector<NetTensor>& tensors) {
  std::optional<std::string> common;
  for (const int id : node.inputs) {
    if (id < 0) continue;
    const std::string& format = tensors[static_cast<std::size_t>(id)].format;
    if (common && *common != format) return "";
    common = format;
  }
  return common.value_or("");
}

}  // namespace

std::string format_after(const NetNode& node, const std::vector<NetTensor>& tensors) {
  const Quantizer q{node, tensors};
  const NetTensor* first = q.input(0);
  if (node.op == "Quant" || node.op == "IntQuant") return integer_quantizer(q);
  if (node.op == "BipolarQuant") return "binary";
  if (node.op == "FloatQuant") return float_quantizer(q);
  if (node.op == "Trunc") {
    const bool is_signed = first == nullptr || !first->format.starts_with("uint");
    const std::size_t place = node.inputs.size() > 5 ? 5 : 4;
    return integer_format(q.bits(place, "output width", 32),
                          node.integer("signed", is_signed ? 1 : 0) != 0,
                          node.integer("narrow", 0) != 0);
  }
  if (first == nullptr) return "";
  if (node.op == "QuantizeLinear" && !node.outputs.empty() && node.outputs[0] >= 0) {
    const std::string& element = tensors[static_cast<std::size_t>(node.outputs[0])].element;
    return is_integer_element(element) ? element : "";
  }
  if (node.op == "DequantizeLinear") {
    if (!first->format.empty()) return first->format;
    return is_integer_element(first->element) ? first->element : "";
  }
  if (node.op == "Clip" && is_integer_element(first->element)) {
    return clipped_integers(q, first->format.empty() ? first->element : first->format);
  }
  if (node.op == "Concat") return common_format(node, tensors);
  return only_moves(node.op) ? first->format : "";
}

void propagate_formats(TensorNetwork& network) {
  for (const NetNode& node : network.nodes) {
    const std::string format = format_after(node, network.tensors);
    for (const int id : node.outputs) {
      if (id >= 0) network.tensors[static_cast<std::size_t>(id)].format = format;
    }
  }
}

}  // namespace mxsim
