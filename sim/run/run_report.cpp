#include "sim/run/run_report.h"

#include <algorithm>
#include <map>
#include <tuple>
#include <utility>

#include "models/arithmetic/dot_product.h"
#include "models/energy/dram_costs.h"
#include "models/energy/power_profile.h"
#include "models/mapping/memory/traffic_bound.h"
#include "models/workload/bit_operations.h"
#include "models/workload/layer_macs.h"
#include "sim/config/silicon.h"
#include "sim/run/grid_warning.h"
#include "sim/run/model_assumptions.h"
#include "sim/run/port_warning.h"

namespace mxsim {
namespace {

class Pricing {
 public:
  Pricing(const ChipConfig& chip, const OpList& ops)
      : chip_(chip), ops_(ops), model_(energy_model(chip, ops)) {}

  EnergyBreakdown group_energy(std::size_t index, const GroupResult& group) {
    return energy(group.counts, seconds(group.cycles), prices(index));
  }
  /// What the group's events cost, while they ran.
  EnergySpan event_energy(std::size_t index, const GroupResult& group) {
    const EnergyBreakdown spent = energy(group.counts, 0, prices(index));
    return {seconds(group.began), seconds(group.began + group.span),
            spent.total_pj() - spent.component_pj(Component::kStatic)};
  }
  double seconds(Cycles cycles) const {
    return static_cast<double>(cycles.count()) / static_cast<double>(chip_.clock_hz);
  }
  const EnergyModel& model() const { return model_; }

 private:
  const PriceList& prices(std::size_t group) {
    const WorkFormats formats = work_formats(ops_, ops_.groups[group]);
    const auto key = std::tuple(formats.a.name, formats.b.name, formats.encoded.name);
    const auto [entry, is_new] = prices_.try_emplace(key);
    if (is_new) entry->second = model_.prices(formats);
    return entry->second;
  }

  const ChipConfig& chip_;
  const OpList& ops_;
  EnergyModel model_;
  std::map<std::tuple<std::string, std::string, std::string>, PriceList> prices_;
};

Bytes counted(const UnitCounts& counts, Event event) {
  return Bytes(static_cast<std::int64_t>(counts.total(event)));
}

/// Products that a PE makes in a step of the group's work; 0 without GEMM.
std::int64_t widest_product(const ArraySpec& array, const OpGroup& group) {
  std::int64_t width = 0;
  for (const GemmWork& work : group.gemms) {
    width = std::max(width, dot_product_width(array, work.format_a, work.format_b));
  }
  return width;
}

/// The same over all groups, at least 1.
std::int64_t widest_product(const ArraySpec& array, const OpList& ops) {
  std::int64_t width = 1;
  for (const OpGroup& group : ops.groups) width = std::max(width, widest_product(array, group));
  return width;
}

/// In a group without GEMM the array could have done the widest work of the run.
void add_slots(LayerReport& layer, const ArraySpec& array, std::int64_t width,
               const GroupResult& result) {
  const Cycles busy = result.activity[static_cast<std::size_t>(Unit::kArray)].busy;
  layer.mac_slots += result.cycles.count() * array.pes() * width;
  layer.busy_slots += busy.count() * array.pes() * width;
}

/// Micro-batches repeat the groups of a layer.
void add_op(std::string& ops, const std::string& op) {
  if (ops.empty()) {
    ops = op;
  } else if (("; " + ops + "; ").find("; " + op + "; ") == std::string::npos) {
    ops += "; " + op;
  }
}

void add_group(LayerReport& layer, const OpGroup& group, const GroupResult& result) {
  add_op(layer.op, group.op);
  layer.cycles += result.cycles;
  layer.span += result.span;
  layer.macs += layer_macs(group);
  layer.counts += result.counts;
  for (std::size_t unit = 0; unit < kUnitCount; ++unit) {
    layer.activity[unit] += result.activity[unit];
  }
}

/// Layers by pass in the order in which they first run.
std::vector<LayerReport> layer_reports(const ChipConfig& chip, const OpList& ops,
                                       const SimulationResult& result, Pricing& pricing,
                                       std::vector<MemoryMoment>& memory) {
  std::vector<LayerReport> layers;
  const std::vector<Bytes> live = live_dram(ops, result.residents);
  std::int64_t cycle = 0;
  std::map<std::pair<std::string, Pass>, std::size_t> places;
  const std::int64_t widest = widest_product(chip.array, ops);
  const std::vector<KeptTensors> kept = kept_tensors(ops, result.residents);
  for (std::size_t i = 0; i < ops.groups.size(); ++i) {
    const OpGroup& group = ops.groups[i];
    const auto [place, is_new] = places.try_emplace({group.layer, group.pass}, layers.size());
    if (is_new) {
      layers.emplace_back();
      layers.back().name = group.layer;
      layers.back().pass = group.pass;
    }
    add_group(layers[place->second], group, result.groups[i]);
    memory.push_back({cycle, place->second, live[i]});
    cycle += result.groups[i].cycles.count();
    for (std::size_t gemm = 0; gemm < group.gemms.size(); ++gemm) {
      add_mapping(layers[place->second].mappings, group, gemm, result.mappings.at(i).at(gemm));
    }
    layers[place->second].predicted += result.predicted.groups[i];
    const std::int64_t width = widest_product(chip.array, group);
    add_slots(layers[place->second], chip.array, width > 0 ? width : widest, result.groups[i]);
    layers[place->second].dram_bound +=
        traffic_bound(ops, group, capacity(chip.buffers), kept[i], chip.dram.compression).total();
    layers[place->second].energy += pricing.group_energy(i, result.groups[i]);
  }
  for (LayerReport& layer : layers) {
    layer.utilization = mac_share(layer.macs, layer.mac_slots);
    layer.core_utilization = mac_share(layer.macs, layer.busy_slots);
    layer.bound_by = bound_by(layer.activity, layer.cycles);
    layer.dram_read = counted(layer.counts, Event::kDramReadBytes);
    layer.dram_written = counted(layer.counts, Event::kDramWriteBytes);
  }
  return layers;
}

/// Power of the groups' events at its highest moment, and standing power.
double peak_power(const SimulationResult& result, const EnergyBreakdown& total, double time_s,
                  Pricing& pricing) {
  constexpr double kJoulesPerPicojoule = 1e-12;
  std::vector<EnergySpan> spans;
  for (std::size_t i = 0; i < result.groups.size(); ++i) {
    spans.push_back(pricing.event_energy(i, result.groups[i]));
  }
  const double standing_j = total.component_pj(Component::kStatic) * kJoulesPerPicojoule;
  return peak_power_w(spans) + (time_s > 0 ? standing_j / time_s : 0);
}

}  // namespace

EnergyModel energy_model(const ChipConfig& chip, const OpList& ops) {
  const TechnologyTable& table = chip.technology.table;
  const DramDevice device = dram_device(chip.dram);
  return {priced_chip(chip), formats_in_use(ops), table, dram_costs(device, table)};
}

double mac_share(std::int64_t macs, std::int64_t slots) {
  return slots == 0 ? 0 : static_cast<double>(macs) / static_cast<double>(slots);
}

double over_bound(Bytes moved, Bytes bound) {
  if (bound.count() == 0) return 1;
  return static_cast<double>(moved.count()) / static_cast<double>(bound.count());
}

std::string bound_by(const std::array<UnitActivity, kUnitCount>& activity, Cycles cycles) {
  const auto of = [&](Unit unit) { return activity[static_cast<std::size_t>(unit)]; };
  const UnitActivity read = of(Unit::kDmaRead);
  const UnitActivity write = of(Unit::kDmaWrite);
  const auto longer = [&](StallCause cause) {
    return std::max(read.stalled[cause], write.stalled[cause]);
  };
  Cycles conflicts{0};
  for (const UnitActivity& unit : activity) {
    conflicts = std::max(conflicts, unit.stalled[StallCause::kBankConflict]);
  }
  const std::array<std::pair<Cycles, const char*>, 8> resources{
      {{of(Unit::kArray).busy, "compute"},
       {longer(StallCause::kDram), "dram"},
       {std::max(read.busy, write.busy), "dma"},
       {of(Unit::kVector).busy, "vector"},
       {of(Unit::kRequant).busy, "requant"},
       {conflicts, "bank_conflict"},
       {of(Unit::kArray).stalled[StallCause::kStationaryLoad], "stationary_load"},
       {of(Unit::kArray).stalled[StallCause::kScaleUnit], "scale_unit"}}};
  const auto* longest = &resources[0];
  for (const auto& resource : resources) {
    if (resource.first > longest->first) longest = &resource;
  }
  if (longest->first * 2 >= cycles) return longest->second;
  const UnitActivity& computing =
      of(Unit::kArray).busy > Cycles(0) ? of(Unit::kArray) : of(Unit::kVector);
  const StallCause cause = computing.stalled.largest();
  const bool idle = computing.idle >= computing.stalled[cause];
  return idle ? "latency" : std::string(to_string(cause));
}

RunReport price_run(const RunIdentity& identity, const ChipConfig& chip, GroupOverlap overlap,
                    const OpList& ops, SimulationResult result, std::uint64_t seed) {
  Pricing pricing(chip, ops);
  RunReport report;
  report.identity = identity;
  report.identity.macs_per_cycle = chip.array.pes() * widest_product(chip.array, ops);
  report.layers = layer_reports(chip, ops, result, pricing, report.memory_over_time);
  const DramDevice dram = dram_device(chip.dram);
  report.chip = {chip.clock_hz, dram.name, dram.peak_bytes_per_s(), chip.technology.table.node_nm};
  std::int64_t slots = 0;
  std::int64_t busy_slots = 0;
  for (const LayerReport& layer : report.layers) {
    report.energy += layer.energy;
    report.macs += layer.macs;
    slots += layer.mac_slots;
    busy_slots += layer.busy_slots;
    report.dram_bound += layer.dram_bound;
  }
  for (const OpGroup& group : ops.groups) report.bops += bit_operations(group);
  report.time_s = pricing.seconds(result.cycles);
  report.utilization = mac_share(report.macs, slots);
  report.core_utilization = mac_share(report.macs, busy_slots);
  report.dram_read = counted(result.counts, Event::kDramReadBytes);
  report.dram_written = counted(result.counts, Event::kDramWriteBytes);
  report.sram_read = counted(result.counts, Event::kSramReadBytes);
  report.sram_written = counted(result.counts, Event::kSramWriteBytes);
  report.energy_pj = Uncertainty(seed).energy_pj(report.energy);
  report.area = pricing.model().area();
  report.efficiency =
      efficiency(report.macs, report.time_s, report.energy_pj.value, report.area.total_mm2());
  report.peak_power_w = peak_power(result, report.energy, report.time_s, pricing);
  report.assumptions = pricing.model().assumptions();
  for (std::string& line : model_assumptions(chip, overlap, result.memory.kept.capacity)) {
    report.assumptions.push_back(std::move(line));
  }
  for (std::string& line : storage_assumptions(ops)) report.assumptions.push_back(std::move(line));
  for (std::string& line : sum_assumptions(chip.array, ops)) {
    report.assumptions.push_back(std::move(line));
  }
  report.warnings = port_warnings(chip, ops, report.layers, result);
  for (std::string& line : grid_warnings(chip, ops, result)) {
    report.warnings.push_back(std::move(line));
  }
  report.result = std::move(result);
  return report;
}

}  // namespace mxsim
