#include "models/energy/pe_cost.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <vector>

#include "models/arithmetic/dot_product.h"
#include "models/arithmetic/exact_sums.h"
#include "models/arithmetic/operand_decoder.h"
#include "models/core/error.h"
#include "models/dataflow/array_command.h"
#include "models/formats/format_parser.h"

namespace mxsim {
namespace {

constexpr double kPicojoulesPerFemtojoule = 1e-3;

/// The accumulator as price names have it; "exact_block", "fixed28" and "dot8" add integers.
std::string label(const PeDesign& design) {
  switch (design.accumulator) {
    case Accumulator::kBf16:
      return design.rounds_once ? fmt::format("dot{}", design.width) : "bf16";
    case Accumulator::kExactBlock:
      return "exact_block";
    case Accumulator::kFixed:
      return design.accumulator_bits > 0 ? fmt::format("fixed{}", design.accumulator_bits)
                                         : "exact_block";
    case Accumulator::kFp32:
      break;
  }
  return design.rounds_once ? fmt::format("dot{}", design.width) : "fp32";
}

bool is_exact(const PeDesign& design) {
  return design.rounds_once || adds_integers(design.accumulator);
}

/// The accumulator of a synthesised unit; of integers, kFixed alone goes by its width.
PeDesign design_of(const MacUnit& unit) {
  return {unit.accumulator, unit.accumulator == Accumulator::kFixed ? unit.accumulator_bits : 0};
}

const MacUnit* synthesised(const TechnologyTable& table, const std::string& element,
                           const PeDesign& design) {
  for (const MacUnit& unit : table.pe.mac) {
    if (unit.element == element && label(design_of(unit)) == label(design)) return &unit;
  }
  return nullptr;
}

/// A logic energy at the table's node, with the error common to all of them.
UncertainPrice logic_energy(const TechnologyTable& table, std::string name, double scale) {
  UncertainPrice price(std::move(name), scale);
  price.times("logic_energy_scale", table.logic_energy_scale);
  price.times("logic_energy_error", table.logic_energy_error);
  return price;
}

/// The datapath of a synthesised unit in parts; nothing for an element that no format has.
std::optional<DatapathSize> size_of(const MacUnit& unit) {
  const std::optional<OperandElement> element = named_element(unit.element);
  if (!element) return std::nullopt;
  return unit.accumulator == Accumulator::kFp32
             ? float_datapath(*element, *element, kFp32Sum)
             : exact_datapath(*element, *element, unit.accumulator_bits);
}

/// A number of a datapath, kept in the order of the synthesised units: never below one whose parts
/// it contains, never above those (so ordered themselves) that contain it.
class Ordered {
 public:
  Ordered(const TechnologyTable& table, Price MacUnit::*number) : number_(number) {
    for (const MacUnit& unit : table.pe.mac) {
      if (const auto size = size_of(unit)) units_.push_back({*size, (unit.*number).value});
    }
  }

  double at_least(double value, const DatapathSize& size) const {
    for (const Unit& part : units_) {
      if (contains(size, part.size)) value = std::max(value, part.value);
    }
    return value;
  }

  double between(double value, const DatapathSize& size) const {
    for (const Unit& whole : units_) {
      if (contains(whole.size, size)) value = std::min(value, at_least(whole.value, whole.size));
    }
    return at_least(value, size);
  }

  Price of(const MacUnit& unit) const {
    Price price = unit.*number_;
    if (const auto size = size_of(unit)) price.value = at_least(price.value, *size);
    price.high = std::max(price.high, price.value);
    return price;
  }

 private:
  struct Unit {
    DatapathSize size;
    double value;
  };
  std::vector<Unit> units_;
  Price MacUnit::*number_;
};

UncertainPrice tabulated_mac(const TechnologyTable& table, const MacUnit& unit) {
  const std::string name = "mac " + unit.element + " " + label(design_of(unit));
  return logic_energy(table, name, 1)
      .times("ratio to bf16 of " + name, Ordered(table, &MacUnit::energy).of(unit));
}

/// The block-end unit of the nearest width; its cost depends little on the width.
const BlockEndUnit& block_end_unit(const TechnologyTable& table, std::int64_t sum_bits) {
  ensure(!table.pe.block_end.empty(), "TechnologyTable: no block-end unit");
  const auto distance = [&](const BlockEndUnit& unit) {
    return std::abs(unit.accumulator_bits - sum_bits);
  };
  const BlockEndUnit* nearest = &table.pe.block_end.front();
  for (const BlockEndUnit& unit : table.pe.block_end) {
    if (distance(unit) < distance(*nearest)) nearest = &unit;
  }
  return *nearest;
}

struct MacCost {
  UncertainPrice energy_pj;
  UncertainPrice nand2;
  std::int64_t sum_bits = 0;  ///< of the exact sum
  PeCostBasis basis = PeCostBasis::kSynthesised;
};

/// No synthesis of ours has counters of ones.
const Price kPopcountError{1, 0.5, 1.5, "",
                           "assumed: an XNOR gate as a multiplier bit, a counter of ones as adder "
                           "bits of the closed form"};

bool counts_ones(const OperandElement& a, const OperandElement& b, const PeDesign& design) {
  return is_exact(design) && a.bits == 1 && b.bits == 1;
}

DatapathSize datapath(const OperandElement& a, const OperandElement& b, const PeDesign& design,
                      std::int64_t sum_bits) {
  if (is_exact(design)) return exact_datapath(a, b, sum_bits);
  return float_datapath(a, b, design.accumulator == Accumulator::kBf16 ? kBf16Sum : kFp32Sum);
}

std::int64_t sum_bits(const OperandElement& a, const OperandElement& b, const PeDesign& design) {
  if (design.accumulator == Accumulator::kFixed && design.accumulator_bits > 0) {
    return design.accumulator_bits;
  }
  const bool whole_block =
      design.accumulator == Accumulator::kExactBlock || design.accumulator == Accumulator::kFixed;
  return exact_sum_bits(a, b, whole_block || !is_exact(design) ? kExactSumTerms : design.width);
}

MacCost closed_form(const TechnologyTable& table, const OperandElement& a, const OperandElement& b,
                    const PeDesign& design) {
  MacCost cost;
  cost.basis = PeCostBasis::kClosedForm;
  cost.sum_bits = sum_bits(a, b, design);
  const bool ones = counts_ones(a, b, design);
  const DatapathSize size =
      ones ? popcount_datapath(design.width, cost.sum_bits) : datapath(a, b, design, cost.sum_bits);
  const DatapathCosts& energy = table.pe.datapath_energy;
  const DatapathCosts& area = table.pe.datapath_area;
  const bool scaled = !is_exact(design) && (a.block_scaled || b.block_scaled);
  const std::string name =
      fmt::format("mac {}{} x {} {}", scaled ? "scaled " : "", a.name, b.name, label(design));
  const double pj = Ordered(table, &MacUnit::energy)
                        .between(datapath_cost(size, energy) * kPicojoulesPerFemtojoule, size);
  cost.energy_pj =
      logic_energy(table, name, pj).times("energy of closed-form datapaths", energy.error);
  const double nand2 = Ordered(table, &MacUnit::area).between(datapath_cost(size, area), size);
  cost.nand2 =
      UncertainPrice("area " + name, nand2).times("area of closed-form datapaths", area.error);
  if (ones) {
    cost.energy_pj.times("energy of counters of ones", kPopcountError);
    cost.nand2.times("area of counters of ones", kPopcountError);
  }
  return cost;
}

MacCost mac_cost(const TechnologyTable& table, const OperandElement& a, const OperandElement& b,
                 const PeDesign& design) {
  const MacUnit* unit = a.name == b.name ? synthesised(table, a.name, design) : nullptr;
  if (unit == nullptr) return closed_form(table, a, b, design);
  const std::string area_name = "area mac " + a.name + " " + label(design);
  return {tabulated_mac(table, *unit),
          UncertainPrice(area_name, 1).times(area_name, Ordered(table, &MacUnit::area).of(*unit)),
          unit->accumulator_bits};
}

/// The element as it is multiplied: of a format with zero points the difference of code and zero
/// point.
OperandElement multiplied_element(FormatSpec format) {
  format.element = travelling_element(format);
  return operand_element(format);
}

}  // namespace

PeDesign pe_design(const ArraySpec& array, const FormatSpec& a, const FormatSpec& b) {
  const SumFormat sum = sum_of(array, a, b);
  PeDesign design(sum.accumulator, sum.bits, dot_product_width(array, a, b));
  design.rounds_once = rounds_vectors_once(array, a, b);
  design.pes_per_scale_unit = array.pes_per_scale_unit;
  return design;
}

PeCost pe_cost(const TechnologyTable& table, const FormatSpec& format_a, const FormatSpec& format_b,
               const PeDesign& design) {
  const OperandElement a = multiplied_element(format_a);
  const OperandElement b = multiplied_element(format_b);
  MacCost mac = mac_cost(table, a, b, design);
  const BlockEndUnit& end = block_end_unit(table, mac.sum_bits);
  mac.nand2.times(static_cast<double>(design.width));
  const std::string end_name = fmt::format("block end {}", end.accumulator_bits);
  PeCost cost{mac.energy_pj,
              logic_energy(table, end_name, 1).times("ratio to bf16 of " + end_name, end.energy),
              mac.nand2, UncertainPrice("area " + end_name, 0), mac.basis};
  if (is_exact(design)) {
    // A PE that rounds every dot product has a unit of its own.
    const std::int64_t sharing = adds_integers(design.accumulator) ? design.pes_per_scale_unit : 1;
    cost.block_end_nand2 = UncertainPrice("area " + end_name, 1 / static_cast<double>(sharing))
                               .times("area " + end_name, end.area);
  }
  return cost;
}

std::int64_t pe_flop_bits(const TechnologyTable& table, const FormatSpec& format_a,
                          const FormatSpec& format_b, const PeDesign& design) {
  const OperandElement a = multiplied_element(format_a);
  const OperandElement b = multiplied_element(format_b);
  const DatapathSize size = datapath(a, b, design, mac_cost(table, a, b, design).sum_bits);
  return static_cast<std::int64_t>(size.flop_bits) + (design.width - 1) * (a.bits + b.bits);
}

std::int64_t bf16_flop_bits(const TechnologyTable& table) {
  const FormatSpec bf16 = parse_format("bf16");
  return pe_flop_bits(table, bf16, bf16, Accumulator::kFp32);
}

UncertainPrice bf16_mac_pj(const TechnologyTable& table) {
  const MacUnit* unit = synthesised(table, "e8m7", Accumulator::kFp32);
  ensure(unit != nullptr, "TechnologyTable: no BF16 multiply-accumulate");
  return tabulated_mac(table, *unit);
}

}  // namespace mxsim
