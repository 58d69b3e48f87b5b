#include "sim/report/run_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "sim/report/csv_field.h"
#include "sim/report/identity_text.h"
#include "sim/report/text_table.h"

namespace mxsim {
namespace {

constexpr std::size_t kTopLayers = 15;

double millijoules(double picojoules) { return picojoules * 1e-9; }

std::string head(const RunIdentity& identity) {
  std::string formats =
      (identity.recipe.empty() ? "" : "recipe " + identity.recipe + ": ") + identity.format;
  if (!identity.block.empty()) formats += " " + identity.block + " (" + identity.transpose + ")";
  if (identity.overrides > 0) {
    formats +=
        fmt::format(" + {} override{}", identity.overrides, identity.overrides > 1 ? "s" : "");
  }
  return fmt::format("{}, {}, {}, {}, {} PEs, fidelity {}\n", identity.workload, identity.mode,
                     batch_text(identity), formats, array_text(identity), identity.fidelity);
}

std::vector<const LayerReport*> slowest_layers(const RunReport& report) {
  std::vector<const LayerReport*> layers;
  for (const LayerReport& layer : report.layers) layers.push_back(&layer);
  std::stable_sort(layers.begin(), layers.end(), [](const LayerReport* a, const LayerReport* b) {
    return a->cycles > b->cycles;
  });
  layers.resize(std::min(layers.size(), kTopLayers));
  return layers;
}

std::string layer_table(const RunReport& report) {
  TextTable table({{"layer", Align::kLeft},
                   {"pass", Align::kLeft},
                   {"cycles", Align::kRight},
                   {"share %", Align::kRight},
                   {"MMAC", Align::kRight},
                   {"util %", Align::kRight},
                   {"DRAM MB", Align::kRight},
                   {"x bound", Align::kRight},
                   {"mJ", Align::kRight},
                   {"bound by", Align::kLeft}});
  const auto total = static_cast<double>(report.result.cycles.count());
  for (const LayerReport* layer : slowest_layers(report)) {
    table.add_row({layer->name,
                   layer->phase.empty() ? std::string(to_string(layer->pass)) : layer->phase,
                   fmt::format("{}", layer->cycles.count()),
                   fmt::format("{:.1f}", 100 * static_cast<double>(layer->cycles.count()) / total),
                   fmt::format("{:.1f}", static_cast<double>(layer->macs) * 1e-6),
                   fmt::format("{:.1f}", 100 * layer->utilization),
                   fmt::format("{:.2f}", static_cast<double>(layer->dram_bytes().count()) * 1e-6),
                   fmt::format("{:.2f}", over_bound(layer->dram_bytes(), layer->dram_bound)),
                   fmt::format("{:.3f}", millijoules(layer->energy.total_pj())), layer->bound_by});
  }
  return table.text();
}

std::string energy_table(const RunReport& report) {
  TextTable table({{"energy", Align::kLeft}, {"mJ", Align::kRight}, {"share %", Align::kRight}});
  for (std::size_t i = 0; i < kComponentCount; ++i) {
    const auto component = static_cast<Component>(i);
    const double energy = report.energy.component_pj(component);
    table.add_row({std::string(to_string(component)), fmt::format("{:.3f}", millijoules(energy)),
                   fmt::format("{:.1f}", 100 * energy / report.energy.total_pj())});
  }
  table.add_row({"total", fmt::format("{:.3f}", millijoules(report.energy_pj.value)), "100.0"});
  return table.text();
}

/// How the units spent the cycles, in percent; the largest causes of waiting first.
std::string unit_table(const SimulationResult& result) {
  TextTable table({{"unit", Align::kLeft},
                   {"busy %", Align::kRight},
                   {"idle %", Align::kRight},
                   {"waits for, %", Align::kLeft}});
  const auto percent = [&](Cycles cycles) {
    return 100 * static_cast<double>(cycles.count()) / static_cast<double>(result.cycles.count());
  };
  for (const Unit unit :
       {Unit::kArray, Unit::kVector, Unit::kRequant, Unit::kDmaRead, Unit::kDmaWrite}) {
    const UnitActivity& activity = result.activity[static_cast<std::size_t>(unit)];
    std::string waits;
    StallCycles rest = activity.stalled;
    for (StallCause cause = rest.largest(); percent(rest[cause]) >= 0.1; cause = rest.largest()) {
      waits += fmt::format("{}{} {:.1f}", waits.empty() ? "" : ", ", to_string(cause),
                           percent(rest[cause]));
      rest[cause] = Cycles(0);
    }
    table.add_row({std::string(to_string(unit)), fmt::format("{:.1f}", percent(activity.busy)),
                   fmt::format("{:.1f}", percent(activity.idle)), waits});
  }
  return table.text();
}

std::string memory_line(const MemoryUse& memory, const NetworkChoice& choice) {
  const auto megabytes = [](Bytes bytes) { return static_cast<double>(bytes.count()) * 1e-6; };
  std::string line =
      fmt::format("DRAM {:.2f} of {:.2f} MB (all tensors: {:.2f})", megabytes(memory.dram_used),
                  megabytes(memory.dram_capacity), megabytes(memory.dram_sum));
  for (const auto& [unit, buffer] : memory.buffers) {
    line += fmt::format(", {} {} of {} bytes", to_string(unit), buffer.peak.count(),
                        buffer.capacity.count());
  }
  if (memory.kept.capacity > Bytes(0)) {
    line += fmt::format(", kept between layers {} of {} bytes ({} tensors{})",
                        memory.kept.peak.count(), memory.kept.capacity.count(), memory.kept_tensors,
                        choice.fusion == AttentionFusion::kOn ? ", attention in slices" : "");
  }
  return line;
}

/// Share of the cycles by what the layers in them are bound by.
std::string bound_line(const RunReport& report) {
  std::map<std::string, std::int64_t> cycles;
  for (const LayerReport& layer : report.layers) cycles[layer.bound_by] += layer.cycles.count();
  std::string line;
  for (const auto& [resource, count] : cycles) {
    line += fmt::format(
        "{}{} {:.1f} %", line.empty() ? "" : ", ", resource,
        100.0 * static_cast<double>(count) / static_cast<double>(report.result.cycles.count()));
  }
  return line;
}

std::string band_text(const Band& band, double scale, int digits) {
  return fmt::format("{:.{}f} [{:.{}f}, {:.{}f}]", band.value * scale, digits, band.low * scale,
                     digits, band.high * scale, digits);
}

std::string efficiency_lines(const RunReport& report) {
  const Efficiency& each = report.efficiency;
  return fmt::format(
      "throughput   {:.3f} TOPS, {:.3f} TOPS/W, {:.4f} TOPS/mm2\n"
      "power        {:.3f} W on average, {:.3f} W at the peak (each group's energy spread over its "
      "span)\n"
      "energy-delay {:.4g} J s\n",
      each.tops, each.tops_per_w, each.tops_per_mm2, each.average_power_w, report.peak_power_w,
      each.energy_delay_product_js);
}

std::string token_lines(const TokenReport& tokens) {
  return fmt::format(
      "tokens       {} of the prompt, {} generated a request\n"
      "first token  after {:.3f} ms, then {:.3f} ms a token\n"
      "rate         {:.2f} tokens a second, {:.4f} mJ a token (whole request)\n",
      tokens.prompt, tokens.generated, tokens.time_to_first_s * 1e3, tokens.time_per_token_s * 1e3,
      tokens.tokens_per_s, tokens.energy_per_token_pj * 1e-9);
}

}  // namespace

std::string run_text(const RunReport& report) {
  std::string text = head(report.identity);
  text += "\n" + layer_table(report);
  if (report.layers.size() > kTopLayers) {
    text += fmt::format("({} more layers and passes; all in layers.csv)\n",
                        report.layers.size() - kTopLayers);
  }
  text += "\n" + energy_table(report) + "\n" + unit_table(report.result) + "\n";
  if (report.tokens) text += token_lines(*report.tokens);
  text += fmt::format("cycles       {}\n", report.result.cycles.count());
  text += fmt::format("predicted    {} cycles with an ideal DRAM of the same peak bandwidth\n",
                      report.result.predicted.cycles.count());
  text += fmt::format("time         {:.3f} ms\n", report.time_s * 1e3);
  text += fmt::format("energy       {} mJ (5th to 95th percentile of the prices)\n",
                      band_text(report.energy_pj, 1e-9, 2));
  text += fmt::format("MACs         {}, utilization {:.1f} %, {:.1f} % while the array computes\n",
                      report.macs, 100 * report.utilization, 100 * report.core_utilization);
  text += fmt::format("DRAM         {:.2f} MB read, {:.2f} MB written, {:.3f} x the lower bound\n",
                      static_cast<double>(report.dram_read.count()) * 1e-6,
                      static_cast<double>(report.dram_written.count()) * 1e-6,
                      over_bound(report.dram_read + report.dram_written, report.dram_bound));
  text += fmt::format("area         {:.2f} mm2 [{:.2f}, {:.2f}]\n", report.area.total_mm2(),
                      report.area.low_mm2(), report.area.high_mm2());
  text += "peak use     " + memory_line(report.result.memory, report.result.choice) + "\n";
  text += efficiency_lines(report);
  text += "bound by     " + bound_line(report) + "\n";
  text += fmt::format("assumptions  {} (listed in report.json)\n", report.assumptions.size());
  for (const std::string& line : report.warnings) text += "warning      " + line + "\n";
  return text;
}

std::string layers_csv(const RunReport& report) {
  std::string csv =
      "name,pass,op,cycles,macs,utilization,bound_by,dram_read_bytes,dram_write_bytes,"
      "dram_bytes_bound,energy_pj,predicted_cycles\n";
  for (const LayerReport& layer : report.layers) {
    csv += fmt::format("{},{},{},{},{},{},{},{},{},{},{},{}\n", csv_field(layer.name),
                       layer.phase.empty() ? to_string(layer.pass) : layer.phase,
                       csv_field(layer.op), layer.cycles.count(), layer.macs, layer.utilization,
                       layer.bound_by, layer.dram_read.count(), layer.dram_written.count(),
                       layer.dram_bound.count(), layer.energy.total_pj(), layer.predicted.count());
  }
  return csv;
}

}  // namespace mxsim
