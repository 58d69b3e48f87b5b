#include "models/energy/energy_model.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "models/arithmetic/exact_sums.h"
#include "models/arithmetic/operand_decoder.h"
#include "models/chip/requant_patch.h"
#include "models/core/error.h"
#include "models/energy/patch_cost.h"
#include "models/energy/pe_cost.h"
#include "models/energy/rounding_cost.h"
#include "models/energy/transposer_cost.h"
#include "models/energy/visit_prices.h"

namespace mxsim {
namespace {

constexpr double kPicojoulesPerFemtojoule = 1e-3;
constexpr double kMilliwattsPerPicojouleHertz = 1e-9;
constexpr double kMilliwattsPerNanowatt = 1e-6;
constexpr double kBitsPerByte = 8;

std::string buffer_name(const BufferMacro& buffer) {
  return fmt::format("sram.{} {} bit", buffer.name, buffer.word_bits);
}

std::string assumption_text(const std::string& name, const Price& price) {
  return fmt::format("{}: {:g} {} [{:g}, {:g}]: {}", name, price.value, price.unit, price.low,
                     price.high, price.source);
}

}  // namespace

EnergyModel::EnergyModel(const PricedChip& chip, std::vector<WorkFormats> in_use,
                         TechnologyTable table, DramCosts dram)
    : chip_(chip), in_use_(std::move(in_use)), table_(std::move(table)), dram_(std::move(dram)) {
  ensure(!in_use_.empty(), "EnergyModel: no formats in use");
  ensure(chip_.clock_hz > 0, "EnergyModel: no clock");
}

PriceList EnergyModel::prices(const WorkFormats& formats) const {
  PriceList list;
  add_array(list, formats);
  add_operand_registers(list, formats);
  add_multicast(list);
  add_buffers(list);
  add_transposers(list);
  add_vector(list);
  add_requant(list, formats.encoded);
  add_rounding(list);
  add_patches(list);
  add_dma(list);
  add_dram(list);
  add_static(list);
  return list;
}

UncertainPrice EnergyModel::logic(std::string name, const std::string& factor, const Price& price,
                                  double scale) const {
  return UncertainPrice(std::move(name), scale)
      .times("logic_energy_scale", table_.logic_energy_scale)
      .times(factor, price);
}

void EnergyModel::add_array(PriceList& list, const WorkFormats& formats) const {
  const auto add = [&](Event event, const UncertainPrice& price) {
    list.events.push_back({Unit::kArray, event, Component::kPe, price});
  };
  const PeCost cost =
      pe_cost(table_, formats.a, formats.b, pe_design(chip_.array, formats.a, formats.b));
  add(Event::kMac, cost.mac_pj);
  add(Event::kMacGated,
      cost.mac_pj.renamed("gated " + cost.mac_pj.name())
          .times("energy of a gated multiply-accumulate", table_.pe.gated_fraction));
  add(Event::kBlockAccumulate, cost.block_end_pj);
  add(Event::kPass, logic("pass control", "pass control", table_.pe.pass_control));
}

// An operand enters through the skew registers at the array's edge: 0 to n - 1 of them, and one
// register of its own.
void EnergyModel::add_operand_registers(PriceList& list, const WorkFormats& formats) const {
  const auto add = [&](Event event, double bits, double registers) {
    const std::string name = "register " + std::string(info(event).name) + " " +
                             std::to_string(static_cast<int>(bits)) + " bit";
    list.events.push_back({Unit::kArray, event, Component::kPe,
                           logic(name, "array registers", table_.pe.register_bit,
                                 bits * registers * kPicojoulesPerFemtojoule)});
  };
  const double row_skew = static_cast<double>(chip_.array.rows + 1) / 2;
  const double column_skew = static_cast<double>(chip_.array.cols + 1) / 2;
  const int a_bits = travelling_element(formats.a).bits;
  const int b_bits = travelling_element(formats.b).bits;
  add(Event::kStationaryMoves, std::max(a_bits, b_bits), 1);
  add(Event::kOperandAReads, a_bits, row_skew);
  add(Event::kOperandBReads, b_bits, column_skew);
  const SumFormat sum = sum_of(chip_.array, formats.a, formats.b);
  const auto sum_bits = static_cast<double>(partial_sum_bits(sum.accumulator));
  add(Event::kPartialSumReads, sum_bits, column_skew);
  add(Event::kPartialSumWrites, sum_bits, column_skew);
}

// The way from an array of a grid to its neighbour is the edge of a square of an array's area.
void EnergyModel::add_multicast(PriceList& list) const {
  const double mm2 = chip_area(chip_, in_use_, table_).component_mm2(AreaComponent::kArray) /
                     static_cast<double>(chip_.array.grid.arrays());
  list.events.push_back({Unit::kArray, Event::kMulticastBytes, Component::kPe,
                         UncertainPrice("multicast wires", kBitsPerByte * std::sqrt(mm2))
                             .times("wire energy", table_.dma.wire_energy)});
}

void EnergyModel::add_buffers(PriceList& list) const {
  for (const BufferMacro& buffer : buffer_macros(chip_, in_use_, table_.sram)) {
    const auto add = [&](Event event, double energy_pj, const Price& interpolation,
                         const char* access) {
      const std::string name = buffer_name(buffer) + " " + access;
      UncertainPrice price(name, energy_pj);
      price.times("sram energy", table_.sram.model_error);
      if (buffer.macro.match == SramMatch::kInterpolated) {
        price.times("interpolation of " + name, interpolation);
      }
      price =
          buffer.with_ports(price, "energy of a further sram port", table_.sram.second_port_energy);
      for (const Unit unit : buffer.units) {
        list.events.push_back({unit, event, Component::kSram, price});
      }
    };
    add(Event::kSramReads, buffer.macro.read_pj, table_.sram.read_interpolation, "read");
    add(Event::kSramWrites, buffer.macro.write_pj, table_.sram.write_interpolation, "write");
  }
}

void EnergyModel::add_transposers(PriceList& list) const {
  constexpr double kScale = kTransposerMoves * kPicojoulesPerFemtojoule;
  const DatapathCosts& datapath = table_.pe.datapath_energy;
  const UncertainPrice registers =
      logic("transposer registers", "array registers", table_.pe.register_bit, kScale);
  const UncertainPrice multiplexers =
      logic("transposer multiplexers", "multiplexers", datapath.shifter, kScale)
          .times("logic_energy_error", table_.logic_energy_error)
          .times("energy of closed-form datapaths", datapath.error);
  for (const Unit unit : {Unit::kSramInput, Unit::kSramWeight, Unit::kSramGradient}) {
    list.events.push_back({unit, Event::kTransposedBytes, Component::kSram, registers});
    list.events.push_back({unit, Event::kTransposedBytes, Component::kSram, multiplexers});
  }
}

void EnergyModel::add_vector(PriceList& list) const {
  const auto add = [&](Event event, const Price& operation) {
    const std::string name(info(event).name);
    list.events.push_back({Unit::kVector, event, Component::kVector, logic(name, name, operation)});
    list.events.push_back(
        {Unit::kVector, event, Component::kVector,
         logic("vector registers", "vector registers", table_.vector.operand_registers)});
  };
  add(Event::kVectorAdd, table_.vector.add);
  add(Event::kVectorMul, table_.vector.mul);
  add(Event::kVectorCompare, table_.vector.compare);
  add(Event::kVectorDivide, table_.vector.divide);
  add(Event::kVectorSqrt, table_.vector.sqrt);
  add(Event::kVectorExp, table_.vector.exp);
  add(Event::kVectorLog, table_.vector.log);
}

void EnergyModel::add_requant(PriceList& list, const FormatSpec& encoded) const {
  const auto add = [&](Unit unit, Event event, Component component, const std::string& name,
                       const Price& element) {
    UncertainPrice price = logic(name, name, element);
    price.times("logic_energy_error", table_.logic_energy_error);
    list.events.push_back({unit, event, component, price});
  };
  const bool integer = operand_element(encoded).is_integer();
  add(Unit::kRequant, Event::kRequantMax, Component::kRequant, "requant max", table_.requant.max);
  add(Unit::kRequant, Event::kRequantEncode, Component::kRequant,
      integer ? "requant encode int" : "requant encode float",
      integer ? table_.requant.encode_int : table_.requant.encode_float);
  add(Unit::kRequant, Event::kRequantDecode, Component::kRequant, "requant decode",
      table_.requant.decode);
  add(Unit::kRequant, Event::kConvert, Component::kRequant, "convert", table_.requant.convert);
  add(Unit::kVector, Event::kConvert, Component::kVector, "vector convert", table_.requant.convert);
}

void EnergyModel::add_rounding(PriceList& list) const {
  const DatapathCosts& costs = table_.pe.datapath_energy;
  const auto draw = [&](const char* name) {
    return UncertainPrice(name,
                          datapath_cost(stochastic_rounder(), costs) * kPicojoulesPerFemtojoule)
        .times("logic_energy_scale", table_.logic_energy_scale)
        .times("logic_energy_error", table_.logic_energy_error)
        .times("energy of closed-form datapaths", costs.error);
  };
  list.events.push_back(
      {Unit::kRequant, Event::kRandomDraws, Component::kRequant, draw("stochastic rounding")});
  list.events.push_back(
      {Unit::kVector, Event::kRandomDraws, Component::kVector, draw("vector random words")});
  list.events.push_back({Unit::kRequant, Event::kHadamardAdds, Component::kRequant,
                         logic("hadamard add", "vector_add", table_.vector.add)});
}

/// A byte is written once and read once, with its word.
void EnergyModel::add_patches(PriceList& list) const {
  const auto patch = patch_macro(chip_, in_use_, table_.sram.table);
  if (!patch) return;
  const auto add = [&](double word_pj, const char* access, const Price& interpolation) {
    const std::string name = patch->name + " " + access;
    UncertainPrice price(name, word_pj / static_cast<double>(patch->word_bytes));
    price.times("sram energy", table_.sram.model_error);
    if (patch->macro.match == SramMatch::kInterpolated) {
      price.times("interpolation of " + name, interpolation);
    }
    list.events.push_back({Unit::kRequant, Event::kTransposedBytes, Component::kRequant, price});
  };
  add(patch->macro.write_pj, "write", table_.sram.write_interpolation);
  add(patch->macro.read_pj, "read", table_.sram.read_interpolation);
}

void EnergyModel::add_dma(PriceList& list) const {
  const UncertainPrice byte = UncertainPrice("dma wires", kBitsPerByte)
                                  .times("wire energy", table_.dma.wire_energy)
                                  .times("wire length", table_.dma.wire_length);
  list.events.push_back({Unit::kDmaRead, Event::kDmaReadBytes, Component::kDma, byte});
  list.events.push_back({Unit::kDmaWrite, Event::kDmaWriteBytes, Component::kDma, byte});
}

void EnergyModel::add_dram(PriceList& list) const {
  const auto add = [&](const std::vector<DramCosts::Entry>& entries, Component component,
                       const char* factor) {
    for (const DramCosts::Entry& entry : entries) {
      const UncertainPrice price =
          UncertainPrice(std::string(info(entry.event).name), 1).times(factor, entry.price);
      list.events.push_back({Unit::kDram, entry.event, component, price});
    }
  };
  add(dram_.events, Component::kDram, "dram energy");
  add(dram_.background, Component::kStatic, "dram background");
  list.dram_standing_mw = dram_.standing_mw.value;
}

std::int64_t EnergyModel::built_flop_bits() const {
  std::int64_t most = 0;
  for (const WorkFormats& work : in_use_) {
    const PeDesign design = pe_design(chip_.array, work.a, work.b);
    most = std::max(most, pe_flop_bits(table_, work.a, work.b, design));
  }
  return most;
}

void EnergyModel::add_static(PriceList& list) const {
  const auto pes = static_cast<double>(chip_.array.pes());
  const double bf16_pes =
      pes * static_cast<double>(built_flop_bits()) / static_cast<double>(bf16_flop_bits(table_));
  list.static_mw.push_back(bf16_mac_pj(table_)
                               .renamed("clock")
                               .times(bf16_pes * chip_.clock_hz * kMilliwattsPerPicojouleHertz)
                               .times("clock", table_.pe.clock_fraction));
  for (const BufferMacro& buffer : buffer_macros(chip_, in_use_, table_.sram)) {
    UncertainPrice leakage("sram." + buffer.name + " leakage", buffer.macro.leakage_mw);
    leakage.times("sram leakage", table_.sram.model_error);
    list.static_mw.push_back(
        buffer.with_ports(leakage, "leakage of a further sram port", table_.sram.second_port_area));
  }
  if (const auto patch = patch_macro(chip_, in_use_, table_.sram.table)) {
    list.static_mw.push_back(UncertainPrice(patch->name + " leakage",
                                            static_cast<double>(kRequantPatches * patch->macros) *
                                                patch->macro.leakage_mw)
                                 .times("sram leakage", table_.sram.model_error));
  }
  for (const LogicBlock& block : logic_blocks(chip_, in_use_, table_)) {
    list.static_mw.push_back(block.nand2.renamed(block.nand2.name() + " leakage")
                                 .times(kMilliwattsPerNanowatt)
                                 .times("logic leakage", table_.logic_leakage));
  }
}

std::vector<std::string> EnergyModel::assumptions() const {
  std::vector<std::string> lines;
  const auto note = [&](const std::string& name, const Price& price) {
    if (price.is_assumed()) lines.push_back(assumption_text(name, price));
  };
  visit_prices(table_, [&](const std::string& path, const Price& price) {
    if (!path.starts_with("dram.")) note(path, price);
  });
  for (const DramCosts::Entry& entry : dram_.events) {
    note("dram." + std::string(info(entry.event).name), entry.price);
  }
  note("dram.background", dram_.standing_mw);
  note_built(lines);
  std::sort(lines.begin(), lines.end());
  lines.erase(std::unique(lines.begin(), lines.end()), lines.end());
  return lines;
}

void EnergyModel::note_built(std::vector<std::string>& lines) const {
  for (const WorkFormats& work : in_use_) {
    const PeCost cost = pe_cost(table_, work.a, work.b, pe_design(chip_.array, work.a, work.b));
    if (cost.basis == PeCostBasis::kClosedForm) {
      lines.push_back(cost.mac_pj.name() + ": not synthesised, from the datapath closed form");
    }
  }
  lines.push_back(fmt::format("clock: in proportion to the {} flop bits of a PE; a BF16 PE has {}",
                              built_flop_bits(), bf16_flop_bits(table_)));
  for (const BufferMacro& buffer : buffer_macros(chip_, in_use_, table_.sram)) {
    if (buffer.macro.match == SramMatch::kInterpolated) {
      lines.push_back(buffer_name(buffer) + ": no such SRAM macro tabulated, interpolated");
    }
  }
}

}  // namespace mxsim
