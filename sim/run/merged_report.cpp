#include "sim/run/merged_report.h"

#include <algorithm>
#include <utility>

namespace mxsim {
namespace {

Cycles times_of(Cycles cycles, std::int64_t times) { return Cycles(cycles.count() * times); }
Bytes times_of(Bytes bytes, std::int64_t times) { return Bytes(bytes.count() * times); }

void add_counts(UnitCounts& sum, const UnitCounts& part, std::int64_t times) {
  for (std::size_t u = 0; u < kUnitCount; ++u) {
    const auto unit = static_cast<Unit>(u);
    for (std::size_t e = 0; e < kEventCount; ++e) {
      const auto event = static_cast<Event>(e);
      sum[unit].add(event, part[unit][event] * static_cast<std::uint64_t>(times));
    }
  }
}

void add_activity(UnitActivity& sum, const UnitActivity& part, std::int64_t times) {
  sum.busy += times_of(part.busy, times);
  sum.idle += times_of(part.idle, times);
  for (std::size_t i = 0; i < kStallCauseCount; ++i) {
    const auto cause = static_cast<StallCause>(i);
    sum.stalled[cause] += times_of(part.stalled[cause], times);
  }
}

void add_energy(EnergyBreakdown& sum, const EnergyBreakdown& part, std::int64_t times) {
  for (const auto& [name, term] : part.terms()) {
    sum.add(term.component, term.price, term.amount * static_cast<double>(times));
  }
}

void add_dram(DramStats& sum, const DramStats& part, std::int64_t times) {
  sum.total += times_of(part.total, times);
  sum.busy += times_of(part.busy, times);
  sum.idle += times_of(part.idle, times);
  sum.read_requests += part.read_requests * times;
  sum.write_requests += part.write_requests * times;
  sum.read_latency_sum += times_of(part.read_latency_sum, times);
  sum.read_payload += times_of(part.read_payload, times);
  sum.write_payload += times_of(part.write_payload, times);
  sum.read_moved += times_of(part.read_moved, times);
  sum.write_moved += times_of(part.write_moved, times);
}

void add_result(SimulationResult& sum, const SimulationResult& part, std::int64_t times) {
  sum.cycles += times_of(part.cycles, times);
  sum.predicted.cycles += times_of(part.predicted.cycles, times);
  add_counts(sum.counts, part.counts, times);
  for (std::size_t unit = 0; unit < kUnitCount; ++unit) {
    add_activity(sum.activity[unit], part.activity[unit], times);
  }
  add_dram(sum.dram, part.dram, times);
  if (part.memory.dram_used > sum.memory.dram_used) {
    sum.memory = part.memory;
    sum.choice = part.choice;
  }
}

void add_layer(LayerReport& sum, const LayerReport& part, std::int64_t times) {
  sum.cycles += times_of(part.cycles, times);
  sum.predicted += times_of(part.predicted, times);
  sum.span += times_of(part.span, times);
  sum.macs += part.macs * times;
  sum.mac_slots += part.mac_slots * times;
  sum.busy_slots += part.busy_slots * times;
  sum.dram_read += times_of(part.dram_read, times);
  sum.dram_written += times_of(part.dram_written, times);
  sum.dram_bound += times_of(part.dram_bound, times);
  add_energy(sum.energy, part.energy, times);
  add_counts(sum.counts, part.counts, times);
  for (std::size_t unit = 0; unit < kUnitCount; ++unit) {
    add_activity(sum.activity[unit], part.activity[unit], times);
  }
}

}  // namespace

void MergedReport::add_layers(const RunReport& part, std::int64_t times, const std::string& phase) {
  for (const LayerReport& layer : part.layers) {
    auto same = std::find_if(sum_.layers.begin(), sum_.layers.end(), [&](const LayerReport& each) {
      return each.phase == phase && each.name == layer.name && each.pass == layer.pass;
    });
    if (same == sum_.layers.end()) {
      LayerReport fresh;
      fresh.name = layer.name;
      fresh.phase = phase;
      fresh.pass = layer.pass;
      fresh.op = layer.op;
      fresh.mappings = layer.mappings;
      same = sum_.layers.insert(sum_.layers.end(), fresh);
    }
    add_layer(*same, layer, times);
  }
}

void MergedReport::add(const RunReport& part, std::int64_t times, const std::string& phase) {
  if (std::exchange(empty_, false)) {
    sum_.identity = part.identity;
    sum_.area = part.area;
    sum_.chip = part.chip;
  }
  add_result(sum_.result, part.result, times);
  sum_.time_s += part.time_s * static_cast<double>(times);
  sum_.macs += part.macs * times;
  sum_.bops += part.bops * times;
  sum_.dram_read += times_of(part.dram_read, times);
  sum_.dram_written += times_of(part.dram_written, times);
  sum_.dram_bound += times_of(part.dram_bound, times);
  sum_.sram_read += times_of(part.sram_read, times);
  sum_.sram_written += times_of(part.sram_written, times);
  add_energy(sum_.energy, part.energy, times);
  sum_.peak_power_w = std::max(sum_.peak_power_w, part.peak_power_w);
  for (const std::string& line : part.assumptions) {
    const auto& all = sum_.assumptions;
    if (std::find(all.begin(), all.end(), line) == all.end()) sum_.assumptions.push_back(line);
  }
  add_layers(part, times, phase);
}

RunReport MergedReport::finish(std::uint64_t seed) {
  std::int64_t slots = 0;
  std::int64_t busy_slots = 0;
  for (LayerReport& layer : sum_.layers) {
    layer.utilization = mac_share(layer.macs, layer.mac_slots);
    layer.core_utilization = mac_share(layer.macs, layer.busy_slots);
    layer.bound_by = bound_by(layer.activity, layer.cycles);
    slots += layer.mac_slots;
    busy_slots += layer.busy_slots;
  }
  sum_.utilization = mac_share(sum_.macs, slots);
  sum_.core_utilization = mac_share(sum_.macs, busy_slots);
  sum_.energy_pj = Uncertainty(seed).energy_pj(sum_.energy);
  sum_.efficiency = efficiency(sum_.macs, sum_.time_s, sum_.energy_pj.value, sum_.area.total_mm2());
  return std::move(sum_);
}

}  // namespace mxsim
