#include "sim/report/run_json.h"

#include <fmt/format.h>

#include <map>

#include "sim/report/compare_text.h"
#include "sim/report/explain_report.h"
#include "sim/report/sizes_text.h"
#include "sim/report/version.h"

namespace mxsim {
namespace {

using Json = nlohmann::ordered_json;

Json energy_json(const EnergyBreakdown& energy) {
  Json json;
  for (std::size_t i = 0; i < kComponentCount; ++i) {
    const auto component = static_cast<Component>(i);
    json[std::string(to_string(component))] = energy.component_pj(component);
  }
  return json;
}

Json factor_names(const UncertainPrice& price) {
  Json names = Json::array();
  for (const Factor& factor : price.factors()) names.push_back(factor.name);
  return names;
}

/// What prices are uncertain by: the multiples of a price at either end, and whose number it is.
Json factors_json(const EnergyBreakdown& energy) {
  std::map<std::string, Json> by_name;
  for (const auto& [name, term] : energy.terms()) {
    for (const Factor& factor : term.price.factors()) {
      by_name[factor.name] = {
          {"low", factor.low}, {"high", factor.high}, {"source", factor.source}};
    }
  }
  Json json = Json::object();
  for (auto& [name, factor] : by_name) json[name] = std::move(factor);
  return json;
}

/// Every price with how often it was paid: totals can be recomputed from these alone.
Json terms_json(const EnergyBreakdown& energy) {
  Json terms = Json::array();
  for (const auto& [name, term] : energy.terms()) {
    terms.push_back({{"name", name},
                     {"component", to_string(term.component)},
                     {"amount", term.amount},
                     {"price", term.price.value()},
                     {"price_low", term.price.low()},
                     {"price_high", term.price.high()},
                     {"factors", factor_names(term.price)},
                     {"energy_pj", term.energy_pj()}});
  }
  return terms;
}

/// The saving when one uncertain factor alone is at either end of its band.
Json sensitivity_json(const std::vector<Sensitivity>& sensitivity) {
  Json json = Json::array();
  for (const Sensitivity& each : sensitivity) {
    json.push_back({{"factor", each.factor.name},
                    {"low", each.factor.low},
                    {"high", each.factor.high},
                    {"saving_at_low", each.saving_at_low},
                    {"saving_at_high", each.saving_at_high}});
  }
  return json;
}

Json events_json(const UnitCounts& counts) {
  Json json;
  for (std::size_t i = 0; i < kEventCount; ++i) {
    const auto event = static_cast<Event>(i);
    json[std::string(info(event).name)] = counts.total(event);
  }
  return json;
}

Json unit_events_json(const UnitCounts& counts) {
  Json json;
  for (std::size_t u = 0; u < kUnitCount; ++u) {
    const auto unit = static_cast<Unit>(u);
    Json& events = json[std::string(to_string(unit))] = Json::object();
    for (std::size_t i = 0; i < kEventCount; ++i) {
      const auto event = static_cast<Event>(i);
      if (counts[unit][event] > 0) events[std::string(info(event).name)] = counts[unit][event];
    }
  }
  return json;
}

Json activity_json(const UnitActivity& activity) {
  Json json{{"busy", activity.busy.count()}};
  for (std::size_t i = 0; i < kStallCauseCount; ++i) {
    const auto cause = static_cast<StallCause>(i);
    const Cycles cycles = activity.stalled[cause];
    if (cycles > Cycles(0)) json["stall_" + std::string(to_string(cause))] = cycles.count();
  }
  json["idle"] = activity.idle.count();
  return json;
}

Json activities_json(const std::array<UnitActivity, kUnitCount>& activity) {
  Json json;
  for (const Unit unit :
       {Unit::kArray, Unit::kDmaRead, Unit::kDmaWrite, Unit::kVector, Unit::kRequant}) {
    json[std::string(to_string(unit))] = activity_json(activity[static_cast<std::size_t>(unit)]);
  }
  return json;
}

Json units_json(const SimulationResult& result) {
  Json json = activities_json(result.activity);
  const DramStats& dram = result.dram;
  json["dram"] = {{"busy", dram.busy.count()},
                  {"idle", dram.idle.count()},
                  {"read_requests", dram.read_requests},
                  {"write_requests", dram.write_requests}};
  return json;
}

Json mappings_json(const std::vector<LayerMapping>& mappings) {
  Json json = Json::array();
  for (const LayerMapping& each : mappings) {
    json.push_back({{"op", each.op},
                    {"gemm", each.gemm},
                    {"m", each.m},
                    {"k", each.k},
                    {"n", each.n},
                    {"products", each.products},
                    {"times", each.times},
                    {"chosen", mapping_json(each.mapping)}});
  }
  return json;
}

/// By group of the step: the cycle its turn begins in, its place in "layers", bytes of live
/// tensors.
Json memory_over_time_json(const std::vector<MemoryMoment>& moments) {
  Json json{{"cycle", Json::array()}, {"layer", Json::array()}, {"dram_bytes", Json::array()}};
  for (const MemoryMoment& moment : moments) {
    json["cycle"].push_back(moment.cycle);
    json["layer"].push_back(moment.layer);
    json["dram_bytes"].push_back(moment.dram.count());
  }
  return json;
}

Json chip_json(const ChipFigures& chip) {
  return {{"clock_hz", chip.clock_hz},
          {"dram_device", chip.dram_device},
          {"dram_peak_bytes_per_s", chip.dram_peak_bytes_per_s},
          {"node_nm", chip.node_nm}};
}

Json layer_json(const LayerReport& layer) {
  return {{"name", layer.name},
          {"pass", to_string(layer.pass)},
          {"op", layer.op},
          {"cycles", layer.cycles.count()},
          {"span_cycles", layer.span.count()},
          {"predicted_cycles", layer.predicted.count()},
          {"macs", layer.macs},
          {"utilization", layer.utilization},
          {"core_utilization", layer.core_utilization},
          {"bound_by", layer.bound_by},
          {"units", activities_json(layer.activity)},
          {"dram_bytes", layer.dram_bytes().count()},
          {"dram_read_bytes", layer.dram_read.count()},
          {"dram_write_bytes", layer.dram_written.count()},
          {"dram_bytes_bound", layer.dram_bound.count()},
          {"energy_pj", layer.energy.total_pj()},
          {"energy_by_component_pj", energy_json(layer.energy)},
          {"mappings", mappings_json(layer.mappings)}};
}

Json tokens_json(const TokenReport& tokens) {
  Json json{{"prompt", tokens.prompt},
            {"generated", tokens.generated},
            {"time_to_first_s", tokens.time_to_first_s},
            {"time_per_token_s", tokens.time_per_token_s},
            {"tokens_per_s", tokens.tokens_per_s},
            {"energy_per_token_pj", tokens.energy_per_token_pj}};
  for (const RequestPhase& phase : tokens.phases) {
    json["phases"].push_back({{"phase", phase.name},
                              {"context", phase.context},
                              {"steps", phase.steps},
                              {"cycles", phase.cycles.count()},
                              {"time_s", phase.time_s},
                              {"energy_pj", phase.energy_pj}});
  }
  return json;
}

Json totals_json(const RunReport& report) {
  return {{"cycles", report.result.cycles.count()},
          {"predicted_cycles", report.result.predicted.cycles.count()},
          {"time_s", report.time_s},
          {"energy_pj", report.energy_pj.value},
          {"energy_low_pj", report.energy_pj.low},
          {"energy_high_pj", report.energy_pj.high},
          {"macs", report.macs},
          {"bops", report.bops},
          {"utilization", report.utilization},
          {"core_utilization", report.core_utilization},
          {"dram_read_bytes", report.dram_read.count()},
          {"dram_write_bytes", report.dram_written.count()},
          {"dram_bytes_bound", report.dram_bound.count()},
          {"dram_bytes_over_bound",
           over_bound(report.dram_read + report.dram_written, report.dram_bound)},
          {"sram_read_bytes", report.sram_read.count()},
          {"sram_write_bytes", report.sram_written.count()},
          {"dram_used_bytes", report.result.memory.dram_used.count()},
          {"tops", report.efficiency.tops},
          {"tops_per_w", report.efficiency.tops_per_w},
          {"tops_per_mm2", report.efficiency.tops_per_mm2},
          {"average_power_w", report.efficiency.average_power_w},
          {"peak_power_w", report.peak_power_w},
          {"energy_delay_product_js", report.efficiency.energy_delay_product_js},
          {"area_mm2", report.area.total_mm2()}};
}

/// "at_peak_bytes": in the memory's fullest moment; "peak_bytes": of the class alone.
Json classes_json(const ClassPeaks& classes) {
  Json json;
  for (std::size_t i = 0; i < kMemoryClassCount; ++i) {
    json[std::string(to_string(static_cast<MemoryClass>(i)))] = {
        {"at_peak_bytes", classes.at_peak[i].count()}, {"peak_bytes", classes.alone[i].count()}};
  }
  return json;
}

}  // namespace

Json memory_json(const MemoryUse& memory, const NetworkChoice& choice) {
  Json json;
  json["dram"] = {{"capacity_bytes", memory.dram_capacity.count()},
                  {"peak_bytes", memory.dram_used.count()},
                  {"peak_live_bytes", memory.dram_peak_live.count()},
                  {"unfinished_results_bytes", memory.dram_scratch.count()},
                  {"tensor_bytes", memory.dram_sum.count()},
                  {"classes", classes_json(memory.dram_classes)}};
  json["kept"] = {{"capacity_bytes", memory.kept.capacity.count()},
                  {"peak_bytes", memory.kept.peak.count()},
                  {"tensors", memory.kept_tensors},
                  {"classes", classes_json(memory.kept.classes)},
                  {"attention_fused", choice.fusion == AttentionFusion::kOn}};
  for (const auto& [unit, buffer] : memory.buffers) {
    json[std::string(to_string(unit))] = {{"capacity_bytes", buffer.capacity.count()},
                                          {"peak_bytes", buffer.peak.count()},
                                          {"classes", classes_json(buffer.classes)}};
  }
  return json;
}

namespace {

Json area_json(const AreaBreakdown& area) {
  Json json;
  for (std::size_t i = 0; i < kAreaComponentCount; ++i) {
    const auto component = static_cast<AreaComponent>(i);
    json[std::string(to_string(component))] = area.component_mm2(component);
  }
  json["total"] = area.total_mm2();
  json["total_low"] = area.low_mm2();
  json["total_high"] = area.high_mm2();
  return json;
}

Json hashes_json(const std::vector<OutputHash>& hashes) {
  Json json = Json::array();
  for (const OutputHash& each : hashes) {
    json.push_back({{"layer", each.layer},
                    {"pass", to_string(each.pass)},
                    {"gemm", each.gemm},
                    {"hash", fmt::format("{:016x}", each.hash)}});
  }
  return json;
}

Json identity_json(const RunIdentity& identity) {
  return {{"default", identity.format},      {"block", identity.block},
          {"transpose", identity.transpose}, {"storage", identity.storage},
          {"recipe", identity.recipe},       {"overrides", identity.overrides}};
}

void add_run(Json& json, const RunReport& report) {
  json["totals"] = totals_json(report);
  if (report.tokens) json["tokens"] = tokens_json(*report.tokens);
  json["energy_pj"] = energy_json(report.energy);
  json["energy_terms"] = terms_json(report.energy);
  json["price_factors"] = factors_json(report.energy);
  json["area_mm2"] = area_json(report.area);
  json["events"] = events_json(report.result.counts);
  json["unit_events"] = unit_events_json(report.result.counts);
  json["units"] = units_json(report.result);
  json["memory"] = memory_json(report.result.memory, report.result.choice);
  json["memory_over_time"] = memory_over_time_json(report.memory_over_time);
  json["chip"] = chip_json(report.chip);
  Json& layers = json["layers"] = Json::array();
  for (const LayerReport& layer : report.layers) {
    layers.push_back(layer_json(layer));
    if (!layer.phase.empty()) layers.back()["phase"] = layer.phase;
  }
  json["formats"] = identity_json(report.identity);
  json["assumptions"] = report.assumptions;
  json["warnings"] = report.warnings;
  if (!report.result.output_hashes.empty()) {
    json["output_hashes"] = hashes_json(report.result.output_hashes);
  }
}

Json array_json(const RunIdentity& identity) {
  const ArrayGrid& grid = identity.array_grid;
  return {{"rows", identity.array_rows},
          {"columns", identity.array_cols},
          {"grid", {{"rows", grid.rows}, {"columns", grid.cols}}},
          {"macs_per_cycle", identity.macs_per_cycle}};
}

Json run_head(const RunIdentity& identity) {
  return {{"workload", identity.workload},
          {"mode", identity.mode},
          {"batch", identity.batch},
          {"work_items", {{"item", identity.item}, {"count", identity.items}}},
          {"gradient_accumulation_steps", identity.gradient_accumulation_steps},
          {"fidelity", identity.fidelity},
          {"seed", identity.seed},
          {"config_hash", identity.config_hash},
          {"version", version()},
          {"array", array_json(identity)}};
}

Json accuracy_json(const MeasuredAccuracy& accuracy) {
  return {{"mean", accuracy.mean},
          {"low", accuracy.low},
          {"high", accuracy.high},
          {"samples", accuracy.samples}};
}

Json assumptions_json(const CompareReport& report) {
  Json json = Json::array();
  for (const AssumptionEffect& effect : report.assumptions) {
    Json row{{"assumption", effect.name}, {"setting", effect.setting}, {"effect", effect.effect}};
    if (!effect.refused.empty()) row["refused"] = effect.refused;
    for (std::size_t i = 0; i < effect.savings.size(); ++i) {
      if (i == report.baseline) continue;
      row["savings"].push_back({{"label", report.runs[i].label},
                                {"energy", effect.savings[i].value},
                                {"energy_low", effect.savings[i].low},
                                {"energy_high", effect.savings[i].high}});
    }
    json.push_back(std::move(row));
  }
  return json;
}

}  // namespace

Json to_json(const RunReport& report) {
  Json json = run_head(report.identity);
  add_run(json, report);
  return json;
}

Json summary_json(const RunReport& report) {
  Json json = run_head(report.identity);
  json["totals"] = totals_json(report);
  if (report.tokens) json["tokens"] = tokens_json(*report.tokens);
  json["energy_pj"] = energy_json(report.energy);
  json["area_mm2"] = area_json(report.area);
  json["formats"] = identity_json(report.identity);
  return json;
}

Json to_json(const CompareReport& report) {
  Json json{{"baseline", report.baseline_run().label},
            {"equal", to_string(report.equal)},
            {"version", version()}};
  Json& runs = json["runs"] = Json::array();
  for (const ComparedRun& run : report.runs) {
    Json entry{{"format", run.report.identity.format},
               {"label", run.label},
               {"array", array_json(run.report.identity)}};
    entry.update(totals_json(run.report));
    entry["saving"] = {
        {"energy", run.saving.energy.value},     {"energy_low", run.saving.energy.low},
        {"energy_high", run.saving.energy.high}, {"time", run.saving.time},
        {"dram_bytes", run.saving.dram_bytes},   {"energy_delay_product", run.saving.energy_delay}};
    if (run.accuracy) entry["accuracy"] = accuracy_json(*run.accuracy);
    if (run.sizes) entry["sizes"] = sizes_json(*run.sizes);
    entry["sensitivity"] = sensitivity_json(run.sensitivity);
    entry["energy_by_component_pj"] = energy_json(run.report.energy);
    entry["report"] = to_json(run.report);
    runs.push_back(std::move(entry));
  }
  if (!report.assumptions.empty()) json["assumptions"] = assumptions_json(report);
  return json;
}

}  // namespace mxsim
