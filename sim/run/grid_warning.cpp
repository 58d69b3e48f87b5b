#include "sim/run/grid_warning.h"

#include <fmt/format.h>

#include <algorithm>

#include "models/mapping/chip/port_bound.h"
#include "sim/run/port_warning.h"

namespace mxsim {
namespace {

/// Of one array that never waits.
Cycles steps_alone(const MapperChip& one, const OpGroup& group) {
  Cycles sum{0};
  for (const GemmWork& work : group.gemms) {
    sum += port_bound(one, group.pass, work).unhindered;
  }
  return sum;
}

std::string advice_for(StallCause cause, const ChipConfig& chip, const OpList& ops) {
  switch (cause) {
    case StallCause::kBankConflict:
      return port_advice(chip, ops);
    case StallCause::kDram:
      return "raise /chip/dram/channels";
    case StallCause::kDma:
      return "raise /chip/dma/bytes_per_cycle or /chip/dma/outstanding";
    case StallCause::kVector:
      return "raise /chip/vector/lanes";
    case StallCause::kRequant:
      return "raise /chip/requant/lanes";
    case StallCause::kStationaryLoad:
      return "raise /batch or lower /chip/array/rows";
    case StallCause::kScaleUnit:
      return "lower /chip/array/pes_per_scale_unit";
    case StallCause::kIssue:
      return "lower /chip/sequencer/issue_cycles";
    case StallCause::kDependency:
      return "set /mapping/overlap_groups or /mapping/keep_on_chip_bytes";
    default:
      return "raise /chip/buffers/*/bytes";
  }
}

/// Of the unit that works most while the arrays have nothing to do.
std::string key_without_array(const SimulationResult& result) {
  const auto of = [&](Unit unit) { return result.activity[static_cast<std::size_t>(unit)]; };
  Cycles memory{0};
  for (const Unit unit : {Unit::kDmaRead, Unit::kDmaWrite}) {
    memory = std::max(memory, of(unit).busy + of(unit).stalled[StallCause::kDram]);
  }
  const bool is_memory = memory > of(Unit::kVector).busy;
  return is_memory ? "/chip/dram/channels or /chip/dma/bytes_per_cycle" : "/chip/vector/lanes";
}

std::string reason(const ChipConfig& chip, const OpList& ops, const SimulationResult& result) {
  const UnitActivity& array = result.activity[static_cast<std::size_t>(Unit::kArray)];
  const auto percent = [&](Cycles cycles) {
    return 100 * static_cast<double>(cycles.count()) / static_cast<double>(result.cycles.count());
  };
  const StallCause cause = array.stalled.largest();
  const Cycles waits = array.stalled[cause];
  if (array.busy >= waits && array.busy >= array.idle) {
    return fmt::format(
        "they compute for {:.1f} % of the cycles on pieces too small for them; lower "
        "/chip/array/grid or raise /batch",
        percent(array.busy));
  }
  if (array.idle >= waits) {
    return fmt::format("they have no work for {:.1f} % of the cycles; raise {}",
                       percent(array.idle), key_without_array(result));
  }
  return fmt::format("they wait for {} for {:.1f} % of the cycles; {}", to_string(cause),
                     percent(waits), advice_for(cause, chip, ops));
}

}  // namespace

double grid_gain(const ChipConfig& chip, const OpList& ops, const SimulationResult& result) {
  MapperChip one = mapper_chip(chip, dram_device(chip.dram), ops);
  one.array.grid = {};
  Cycles alone{0};
  Cycles together{0};
  for (std::size_t i = 0; i < ops.groups.size(); ++i) {
    together += result.groups[i].cycles;
    alone += std::max(result.groups[i].cycles, steps_alone(one, ops.groups[i]));
  }
  return static_cast<double>(alone.count()) /
         static_cast<double>(std::max(together, Cycles(1)).count());
}

std::vector<std::string> grid_warnings(const ChipConfig& chip, const OpList& ops,
                                       const SimulationResult& result) {
  const auto arrays = static_cast<double>(chip.array.grid.arrays());
  if (arrays == 1) return {};
  const double gain = grid_gain(chip, ops, result);
  if (gain >= 1 + (arrays - 1) / 6) return {};
  return {fmt::format("{} arrays are {:.2f} times as fast as one: {}", chip.array.grid.arrays(),
                      gain, reason(chip, ops, result))};
}

}  // namespace mxsim
