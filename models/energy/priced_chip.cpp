#include "models/energy/priced_chip.h"

#include <algorithm>

#include "models/chip/requant_patch.h"
#include "models/core/error.h"
#include "models/energy/patch_cost.h"
#include "models/energy/pe_cost.h"
#include "models/energy/rounding_cost.h"
#include "models/energy/transposer_cost.h"
#include "models/formats/hadamard.h"
#include "models/memory/built_buffer.h"

namespace mxsim {
namespace {

constexpr double kSquareMillimetresPerSquareMicrometre = 1e-6;

double pe_nand2(const PeCost& cost) {
  return cost.mac_nand2.value() + cost.block_end_nand2.value();
}

PeCost largest_pe(const PricedChip& chip, const std::vector<WorkFormats>& in_use,
                  const TechnologyTable& table) {
  ensure(!in_use.empty(), "largest_pe: no formats in use");
  std::vector<PeCost> costs;
  for (const WorkFormats& work : in_use) {
    costs.push_back(pe_cost(table, work.a, work.b, pe_design(chip.array, work.a, work.b)));
  }
  return *std::max_element(costs.begin(), costs.end(), [](const PeCost& x, const PeCost& y) {
    return pe_nand2(x) < pe_nand2(y);
  });
}

/// What lanes of the re-quantization and the vector unit have beside encoders and adders, for the
/// work in use.
std::vector<LogicBlock> rounding_blocks(const PricedChip& chip,
                                        const std::vector<WorkFormats>& in_use,
                                        const TechnologyTable& table) {
  const DatapathCosts& costs = table.pe.datapath_area;
  std::vector<LogicBlock> parts;
  const auto add = [&](AreaComponent component, const char* name, double count,
                       const DatapathSize& size) {
    parts.push_back({component, UncertainPrice(name, count * datapath_cost(size, costs))
                                    .times("area of closed-form datapaths", costs.error)});
  };
  bool draws = false;
  bool vector_draws = false;
  int points = 0;
  for (const WorkFormats& work : in_use) {
    draws = draws || work.draws;
    vector_draws = vector_draws || work.vector_draws;
    points = std::max(points, work.hadamard);
  }
  const auto encoders = static_cast<double>(chip.requant.lanes);
  if (draws) add(AreaComponent::kRequant, "stochastic rounding", encoders, stochastic_rounder());
  if (points > 0) {
    add(AreaComponent::kRequant, "hadamard transform", encoders * hadamard_additions(points),
        hadamard_adder());
  }
  if (vector_draws) {
    add(AreaComponent::kVector, "vector random words", static_cast<double>(chip.vector.lanes),
        stochastic_rounder());
  }
  return parts;
}

SramAccess access_to(const BufferSpec& buffer, const SramPrices& sram) {
  if (buffer.access == AccessPrice::kTechnology) return sram.access;
  return buffer.access == AccessPrice::kMacro ? SramAccess::kMacro : SramAccess::kBank;
}

/// Macros that share the bytes of a buffer. CACTI's macros of several banks begin at 64 KiB, below
/// that single banks are cheaper than their share of such a macro: groups never cost less than
/// fewer groups do, or than a macro for each bank. An access goes to all slices of one group.
SramMacro grouped_macro(const BuiltBuffer& built, const SramPrices& sram) {
  constexpr std::int64_t kEachUpTo = 64;
  const std::int64_t slices = built.spec.slices;
  const auto macro = [&](std::int64_t macros, std::int64_t banks) {
    SramMacro each =
        sram.table.buffer(ceil_div(built.spec.bytes.count(), macros * slices),
                          ceil_div(built.word_bits, slices), banks, access_to(built.spec, sram));
    each.read_pj *= static_cast<double>(slices);
    each.write_pj *= static_cast<double>(slices);
    each.leakage_mw *= static_cast<double>(macros * slices);
    each.area_mm2 *= static_cast<double>(macros * slices);
    return each;
  };
  SramMacro result = macro(built.groups, built.spec.banks);
  const auto at_least = [&](const SramMacro& other) {
    result.leakage_mw = std::max(result.leakage_mw, other.leakage_mw);
    result.area_mm2 = std::max(result.area_mm2, other.area_mm2);
  };
  if (built.groups == 1) return result;
  at_least(macro(built.groups * built.spec.banks, 1));
  for (std::int64_t groups = 1; groups < std::min(built.groups, kEachUpTo); ++groups) {
    at_least(macro(groups, built.spec.banks));
    if (groups > 1) at_least(macro(groups * built.spec.banks, 1));
  }
  return result;
}

}  // namespace

std::vector<LogicBlock> logic_blocks(const PricedChip& chip, const std::vector<WorkFormats>& in_use,
                                     const TechnologyTable& table) {
  const PeCost pe = largest_pe(chip, in_use, table);
  const auto pes = static_cast<double>(chip.array.pes());
  std::vector<LogicBlock> blocks{
      {AreaComponent::kArray, pe.mac_nand2.renamed("array").times(pes)},
      {AreaComponent::kArray, pe.block_end_nand2.renamed("array block ends").times(pes)},
      {AreaComponent::kVector, UncertainPrice("vector unit", static_cast<double>(chip.vector.lanes))
                                   .times("area of vector lanes", table.vector.lane_area)},
      {AreaComponent::kRequant,
       UncertainPrice("requant unit", static_cast<double>(chip.requant.lanes))
           .times("area of requant lanes", table.requant.lane_area)},
  };
  if (const std::int64_t stages = chip.post_processor.operations_per_cycle(); stages > 0) {
    blocks.push_back(
        {AreaComponent::kVector, UncertainPrice("post-processor", static_cast<double>(stages))
                                     .times("area of vector lanes", table.vector.lane_area)});
  }
  for (LogicBlock& part : rounding_blocks(chip, in_use, table)) blocks.push_back(std::move(part));
  for (const TransposerBlock& block : transposer_blocks(chip, in_use)) {
    blocks.push_back({AreaComponent::kTransposer, transposer_nand2(block, table)});
  }
  return blocks;
}

UncertainPrice BufferMacro::with_ports(UncertainPrice price, const std::string& factor,
                                       const Price& each) const {
  for (std::int64_t port = 0; port < extra_ports; ++port) price.times(factor, each);
  return price;
}

std::vector<BufferMacro> buffer_macros(const PricedChip& chip,
                                       const std::vector<WorkFormats>& in_use,
                                       const SramPrices& sram) {
  std::vector<BufferMacro> macros;
  for (const BuiltBuffer& built :
       built_buffers(chip.buffers, buffer_contents(in_use, chip.array))) {
    BufferMacro macro{built.name, {}, built.word_bits, {}, built.spec.extra_ports()};
    for (const BuiltBuffer::Part& part : built.parts) macro.units.push_back(part.unit);
    macro.macro = grouped_macro(built, sram);
    macros.push_back(std::move(macro));
  }
  return macros;
}

AreaBreakdown chip_area(const PricedChip& chip, const std::vector<WorkFormats>& in_use,
                        const TechnologyTable& table) {
  AreaBreakdown area;
  for (const LogicBlock& block : logic_blocks(chip, in_use, table)) {
    UncertainPrice mm2 = block.nand2;
    mm2.times(kSquareMillimetresPerSquareMicrometre)
        .times("nand2 area", table.nand2_area)
        .times("logic_area_scale", table.logic_area_scale);
    area.parts.push_back({block.component, mm2});
  }
  for (const BufferMacro& buffer : buffer_macros(chip, in_use, table.sram)) {
    const UncertainPrice mm2("sram." + buffer.name, buffer.macro.area_mm2);
    area.parts.push_back(
        {AreaComponent::kSram,
         buffer.with_ports(UncertainPrice(mm2).times("sram area", table.sram.model_error),
                           "area of a further sram port", table.sram.second_port_area)});
  }
  if (const auto patch = patch_macro(chip, in_use, table.sram.table)) {
    UncertainPrice mm2(
        patch->name, static_cast<double>(kRequantPatches * patch->macros) * patch->macro.area_mm2);
    area.parts.push_back({AreaComponent::kRequant, mm2.times("sram area", table.sram.model_error)});
  }
  return area;
}

}  // namespace mxsim
