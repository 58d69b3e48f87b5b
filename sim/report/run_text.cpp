#include "sim/report/run_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "sim/report/csv_field.h"
#include "sim/report/identity_text.h"
#include "sim/report/memory_text.h"
#include "sim/report/price_effects.h"
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

/// The last `most` columns of a long name: layers differ at the end.
std::string shortened(const std::string& name, std::size_t most) {
  return name.size() <= most ? name : "..." + name.substr(name.size() - (most - 3));
}

std::string layer_table(const RunReport& report, std::size_t width) {
  constexpr std::size_t kLongestName = 40;
  constexpr std::size_t kNarrow = 100;
  constexpr std::size_t kLongestNameIfNarrow = 16;
  const std::size_t most = width < kNarrow ? kLongestNameIfNarrow : kLongestName;
  TextTable table({{"layer", Align::kLeft},
                   {"pass", Align::kLeft},
                   {"cycles", Align::kRight},
                   {"share %", Align::kRight, 1},
                   {"MMAC", Align::kRight, 4},
                   {"util %", Align::kRight, 2},
                   {"DRAM MB", Align::kRight},
                   {"x bound", Align::kRight, 3},
                   {"mJ", Align::kRight},
                   {"bound by", Align::kLeft}});
  const auto total = static_cast<double>(report.result.cycles.count());
  for (const LayerReport* layer : slowest_layers(report)) {
    table.add_row({shortened(layer->name, most),
                   layer->phase.empty() ? std::string(to_string(layer->pass)) : layer->phase,
                   fmt::format("{}", layer->cycles.count()),
                   fmt::format("{:.1f}", 100 * static_cast<double>(layer->cycles.count()) / total),
                   fmt::format("{:.1f}", static_cast<double>(layer->macs) * 1e-6),
                   fmt::format("{:.1f}", 100 * layer->utilization),
                   fmt::format("{:.2f}", static_cast<double>(layer->dram_bytes().count()) * 1e-6),
                   fmt::format("{:.2f}", over_bound(layer->dram_bytes(), layer->dram_bound)),
                   fmt::format("{:.3f}", millijoules(layer->energy.total_pj())), layer->bound_by});
  }
  std::string text = table.text(Colour::kOff, width);
  const std::size_t more = report.layers.size() - std::min(report.layers.size(), kTopLayers);
  if (more > 0) text += fmt::format("({} more layers and passes; all in layers.csv)\n", more);
  const std::vector<std::string> left_out = table.left_out(width);
  if (!left_out.empty()) {
    text += fmt::format("(no room for {}: --width 120)\n", fmt::join(left_out, ", "));
  }
  return text;
}

std::string energy_table(const RunReport& report, std::size_t width) {
  TextTable table({{"energy", Align::kLeft}, {"mJ", Align::kRight}, {"share %", Align::kRight}});
  for (std::size_t i = 0; i < kComponentCount; ++i) {
    const auto component = static_cast<Component>(i);
    const double energy = report.energy.component_pj(component);
    table.add_row({std::string(to_string(component)), fmt::format("{:.3f}", millijoules(energy)),
                   fmt::format("{:.1f}", 100 * energy / report.energy.total_pj())});
  }
  table.add_row({"total", fmt::format("{:.3f}", millijoules(report.energy_pj.value)), "100.0"});
  return table.text(Colour::kOff, width);
}

/// How the units spent the cycles, in percent; the largest causes of waiting first.
std::string unit_table(const SimulationResult& result, std::size_t width) {
  constexpr std::size_t kBeforeWaits = 29;  // columns of unit, busy and idle
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
      const std::string wait = fmt::format("{}{} {:.1f}", waits.empty() ? "" : ", ",
                                           to_string(cause), percent(rest[cause]));
      if (kBeforeWaits + waits.size() + wait.size() > width) break;
      waits += wait;
      rest[cause] = Cycles(0);
    }
    table.add_row({std::string(to_string(unit)), fmt::format("{:.1f}", percent(activity.busy)),
                   fmt::format("{:.1f}", percent(activity.idle)), waits});
  }
  return table.text(Colour::kOff, width);
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

/// "name         value", continued below the value.
std::string entry(const std::string& name, const std::string& value, std::size_t width) {
  constexpr std::size_t kIndent = 13;
  return wrapped(fmt::format("{:<12}", name) + " " + value, width, kIndent) + "\n";
}

std::string efficiency_lines(const RunReport& report, std::size_t width) {
  const Efficiency& each = report.efficiency;
  return entry("power",
               fmt::format("{:.3f} W on average, {:.3f} W at the peak (each group's energy spread "
                           "over its span)",
                           each.average_power_w, report.peak_power_w),
               width) +
         entry("energy-delay", fmt::format("{:.4g} J s", each.energy_delay_product_js), width) +
         entry("throughput",
               fmt::format("{:.3f} TOPS, {:.3f} TOPS/W, {:.4f} TOPS/mm2", each.tops,
                           each.tops_per_w, each.tops_per_mm2),
               width);
}

/// Images or tokens a second, and the energy of one of them.
std::string rate_text(const RunReport& report) {
  const RunIdentity& identity = report.identity;
  const auto items = static_cast<double>(identity.items);
  return fmt::format("{:.2f} {}s/s, {:.4g} mJ {} {}", items / report.time_s, identity.item,
                     millijoules(report.energy_pj.value / items),
                     identity.item == "image" ? "an" : "a", identity.item);
}

/// Their number and the prices that move the energy most, or all of them.
std::string assumption_lines(const RunReport& report, const TextStyle& style) {
  constexpr std::size_t kShown = 3;
  std::string text =
      fmt::format("{} assumptions{}\n", report.assumptions.size(),
                  style.assumptions == AssumptionList::kWhole
                      ? ":"
                      : " (--assumptions lists them); the prices that move the energy most:");
  if (style.assumptions == AssumptionList::kWhole) {
    for (const std::string& line : report.assumptions) {
      text += wrapped("- " + line, style.width, 2) + "\n";
    }
    return text;
  }
  const std::vector<PriceEffect> effects = price_effects(report.energy);
  for (std::size_t i = 0; i < std::min(effects.size(), kShown); ++i) {
    const PriceEffect& each = effects[i];
    text += wrapped(fmt::format("- {}, x {:.2f} to {:.2f}: {:.2f} to {:.2f} mJ", each.factor.name,
                                each.factor.low, each.factor.high, millijoules(each.low_pj),
                                millijoules(each.high_pj)),
                    style.width, 2) +
            "\n";
  }
  return text;
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

std::string run_text(const RunReport& report, const TextStyle& style) {
  std::string text = wrapped(head(report.identity), style.width, 2);
  text += "\n" + layer_table(report, style.width) + "\n" + energy_table(report, style.width) +
          "\n" + unit_table(report.result, style.width) + "\n" +
          memory_table(report.result.memory, style.width) + "\n" + assumption_lines(report, style) +
          "\n";
  for (const std::string& line : report.warnings) text += entry("warning", line, style.width);
  const auto add = [&](const char* name, const std::string& value) {
    text += entry(name, value, style.width);
  };
  add("peak use", memory_line(report.result.memory, report.result.choice));
  add("area", fmt::format("{:.2f} mm2 [{:.2f}, {:.2f}]", report.area.total_mm2(),
                          report.area.low_mm2(), report.area.high_mm2()));
  add("DRAM", fmt::format("{:.2f} MB read, {:.2f} MB written, {:.3f} x the lower bound",
                          static_cast<double>(report.dram_read.count()) * 1e-6,
                          static_cast<double>(report.dram_written.count()) * 1e-6,
                          over_bound(report.dram_read + report.dram_written, report.dram_bound)));
  text += efficiency_lines(report, style.width);
  add("MACs", fmt::format("{}, utilization {:.1f} %, {:.1f} % while the array computes",
                          report.macs, 100 * report.utilization, 100 * report.core_utilization));
  add("bound by", bound_line(report));
  if (report.tokens) text += token_lines(*report.tokens);
  add("predicted", fmt::format("{} cycles with an ideal DRAM of the same peak bandwidth",
                               report.result.predicted.cycles.count()));
  add("cycles", fmt::format("{}", report.result.cycles.count()));
  add("time", fmt::format("{:.3f} ms", report.time_s * 1e3));
  if (!report.tokens) add("rate", rate_text(report));
  add("energy", fmt::format("{} mJ (5th to 95th percentile of the prices)",
                            band_text(report.energy_pj, 1e-9, 2)));
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
