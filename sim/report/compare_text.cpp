#include "sim/report/compare_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>

#include "sim/report/assumption_text.h"
#include "sim/report/comparison_table.h"
#include "sim/report/csv_field.h"
#include "sim/report/identity_text.h"
#include "sim/report/sizes_text.h"

namespace mxsim {
namespace {

constexpr std::size_t kTopLayers = 15;
constexpr std::size_t kTopFactors = 8;
constexpr std::size_t kShortList = 3;

/// A unit in which the largest of the compared energies is at least 1.
struct EnergyUnit {
  double per_pj = 1;
  const char* name = "pJ";
};

EnergyUnit energy_unit(const CompareReport& report) {
  double largest_pj = 0;
  for (const ComparedRun& run : report.runs) {
    largest_pj = std::max(largest_pj, run.report.energy_pj.value);
  }
  for (const EnergyUnit unit : {EnergyUnit{1e-12, "J"}, {1e-9, "mJ"}, {1e-6, "uJ"}, {1e-3, "nJ"}}) {
    if (largest_pj * unit.per_pj >= 1) return unit;
  }
  return {};
}

using Cell = std::function<std::string(const ComparedRun&)>;

std::vector<std::string> labels_of(const CompareReport& report) {
  std::vector<std::string> labels;
  for (const ComparedRun& run : report.runs) labels.push_back(run.label);
  return labels;
}

void add_row(ComparisonTable& table, const CompareReport& report, const std::string& name,
             const Cell& cell, Emphasis emphasis = Emphasis::kNone) {
  std::vector<std::string> cells;
  for (const ComparedRun& run : report.runs) cells.push_back(cell(run));
  table.add_row(name, std::move(cells), emphasis);
}

std::string percent(double share) { return fmt::format("{:.1f}", 100 * share); }
std::string megabytes(Bytes bytes) {
  return fmt::format("{:.2f}", static_cast<double>(bytes.count()) * 1e-6);
}

std::string blocks(const ComparedRun& run) {
  const RunIdentity& identity = run.report.identity;
  return identity.block.empty() ? "-" : identity.block + " " + identity.transpose;
}

std::string array(const ComparedRun& run) { return array_text(run.report.identity); }

/// Images or tokens a second, and the energy of one of them.
void add_rates(ComparisonTable& table, const CompareReport& report) {
  const RunReport& first = report.baseline_run().report;
  if (first.tokens) {
    add_row(table, report, "tokens/s", [](const ComparedRun& run) {
      return fmt::format("{:.2f}", run.report.tokens->tokens_per_s);
    });
    add_row(table, report, "mJ a token", [](const ComparedRun& run) {
      return fmt::format("{:.4g}", run.report.tokens->energy_per_token_pj * 1e-9);
    });
    return;
  }
  const std::string item = first.identity.item;
  add_row(table, report, item + "s/s", [](const ComparedRun& run) {
    return fmt::format("{:.2f}",
                       static_cast<double>(run.report.identity.items) / run.report.time_s);
  });
  add_row(table, report, (item == "image" ? "mJ an " : "mJ a ") + item, [](const ComparedRun& run) {
    return fmt::format("{:.4g}", run.report.energy_pj.value * 1e-9 /
                                     static_cast<double>(run.report.identity.items));
  });
}

void add_work(ComparisonTable& table, const CompareReport& report) {
  table.add_section("Work");
  add_row(table, report, "blocks", blocks);
  add_row(table, report, "array, PEs", array);
  add_row(table, report, "cycles", [](const ComparedRun& run) {
    return fmt::format("{}", run.report.result.cycles.count());
  });
  add_row(table, report, "time, ms",
          [](const ComparedRun& run) { return fmt::format("{:.3f}", run.report.time_s * 1e3); });
  add_rates(table, report);
  add_row(table, report, "utilization, %",
          [](const ComparedRun& run) { return percent(run.report.utilization); });
  add_row(table, report, "DRAM read, MB",
          [](const ComparedRun& run) { return megabytes(run.report.dram_read); });
  add_row(table, report, "DRAM written, MB",
          [](const ComparedRun& run) { return megabytes(run.report.dram_written); });
}

void add_energy(ComparisonTable& table, const CompareReport& report) {
  const EnergyUnit unit = energy_unit(report);
  table.add_section(fmt::format("Energy, {}", unit.name));
  for (std::size_t i = 0; i < kComponentCount; ++i) {
    const auto component = static_cast<Component>(i);
    add_row(table, report, std::string(to_string(component)), [&](const ComparedRun& run) {
      return fmt::format("{:.2f}", run.report.energy.component_pj(component) * unit.per_pj);
    });
  }
  add_row(
      table, report, "total",
      [&](const ComparedRun& run) {
        return fmt::format("{:.2f}", run.report.energy_pj.value * unit.per_pj);
      },
      Emphasis::kTotal);
  add_row(
      table, report, "[5th, 95th percentile]",
      [&](const ComparedRun& run) {
        return fmt::format("[{:.2f}, {:.2f}]", run.report.energy_pj.low * unit.per_pj,
                           run.report.energy_pj.high * unit.per_pj);
      },
      Emphasis::kDetail);
}

void add_area(ComparisonTable& table, const CompareReport& report) {
  table.add_section("Silicon, mm2");
  for (std::size_t i = 0; i < kAreaComponentCount; ++i) {
    const auto component = static_cast<AreaComponent>(i);
    add_row(table, report, std::string(to_string(component)), [&](const ComparedRun& run) {
      return fmt::format("{:.2f}", run.report.area.component_mm2(component));
    });
  }
  add_row(
      table, report, "total",
      [](const ComparedRun& run) { return fmt::format("{:.2f}", run.report.area.total_mm2()); },
      Emphasis::kTotal);
  add_row(
      table, report, "[lowest, highest]",
      [](const ComparedRun& run) {
        return fmt::format("[{:.2f}, {:.2f}]", run.report.area.low_mm2(),
                           run.report.area.high_mm2());
      },
      Emphasis::kDetail);
}

void add_efficiency(ComparisonTable& table, const CompareReport& report) {
  table.add_section("Efficiency");
  const auto add = [&](const char* name, double Efficiency::*figure, const char* digits) {
    add_row(table, report, name, [=](const ComparedRun& run) {
      return fmt::format(fmt::runtime(digits), run.report.efficiency.*figure);
    });
  };
  add("TOPS", &Efficiency::tops, "{:.3f}");
  add("TOPS/W", &Efficiency::tops_per_w, "{:.3f}");
  add("TOPS/mm2", &Efficiency::tops_per_mm2, "{:.4f}");
  add("energy-delay, J s", &Efficiency::energy_delay_product_js, "{:.3g}");
  add("average power, W", &Efficiency::average_power_w, "{:.3f}");
  add_row(table, report, "peak power, W",
          [](const ComparedRun& run) { return fmt::format("{:.3f}", run.report.peak_power_w); });
}

/// Share of the cycles that go to layers bound by `resource`.
double bound_share(const RunReport& report, std::string_view resource) {
  std::int64_t cycles = 0;
  for (const LayerReport& layer : report.layers) {
    if (layer.bound_by == resource) cycles += layer.cycles.count();
  }
  return static_cast<double>(cycles) / static_cast<double>(report.result.cycles.count());
}

void add_bounds(ComparisonTable& table, const CompareReport& report) {
  table.add_section("Bound by, % of cycles");
  for (const char* resource :
       {"compute", "dram", "dma", "vector", "requant", "bank_conflict", "stationary_load",
        "scale_unit", "array", "accumulator", "buffer", "dependency", "issue", "latency"}) {
    const bool present = std::any_of(report.runs.begin(), report.runs.end(), [&](const auto& run) {
      return bound_share(run.report, resource) > 0;
    });
    if (!present) continue;
    add_row(table, report, resource,
            [&](const ComparedRun& run) { return percent(bound_share(run.report, resource)); });
  }
}

void add_savings(ComparisonTable& table, const CompareReport& report) {
  table.add_section("Saved, %");
  add_row(
      table, report, "energy",
      [](const ComparedRun& run) { return percent(run.saving.energy.value); }, Emphasis::kGain);
  add_row(
      table, report, "[5th, 95th percentile]",
      [](const ComparedRun& run) {
        return "[" + percent(run.saving.energy.low) + ", " + percent(run.saving.energy.high) + "]";
      },
      Emphasis::kDetail);
  add_row(table, report, "time", [](const ComparedRun& run) { return percent(run.saving.time); });
  add_row(table, report, "DRAM bytes",
          [](const ComparedRun& run) { return percent(run.saving.dram_bytes); });
  add_row(table, report, "energy-delay",
          [](const ComparedRun& run) { return percent(run.saving.energy_delay); });
}

bool has_accuracy(const CompareReport& report) {
  return report.baseline_run().accuracy.has_value();
}

void add_accuracy(ComparisonTable& table, const CompareReport& report) {
  if (!has_accuracy(report)) return;
  table.add_section(fmt::format("Accuracy of the given weights on {} test samples, %",
                                report.baseline_run().accuracy->samples));
  const auto points = [](double share) { return fmt::format("{:.2f}", 100 * share); };
  add_row(
      table, report, "found", [&](const ComparedRun& run) { return points(run.accuracy->mean); },
      Emphasis::kTotal);
  add_row(
      table, report, "[95 % interval]",
      [&](const ComparedRun& run) {
        return "[" + points(run.accuracy->low) + ", " + points(run.accuracy->high) + "]";
      },
      Emphasis::kDetail);
  const double baseline = report.baseline_run().accuracy->mean;
  add_row(table, report, "over " + report.baseline_run().label, [&](const ComparedRun& run) {
    return fmt::format("{:+.2f}", 100 * (run.accuracy->mean - baseline));
  });
}

std::vector<const LayerReport*> slowest_layers(const CompareReport& report, std::size_t most) {
  std::vector<const LayerReport*> slowest;
  for (const LayerReport& layer : report.baseline_run().report.layers) slowest.push_back(&layer);
  std::stable_sort(slowest.begin(), slowest.end(), [](const LayerReport* a, const LayerReport* b) {
    return a->cycles > b->cycles;
  });
  slowest.resize(std::min(slowest.size(), most));
  return slowest;
}

/// The same layer and pass in another run; null when it has none.
const LayerReport* same_layer(const ComparedRun& run, const LayerReport& layer) {
  const auto& layers = run.report.layers;
  const auto same = std::find_if(layers.begin(), layers.end(), [&](const LayerReport& other) {
    return other.name == layer.name && other.pass == layer.pass;
  });
  return same == layers.end() ? nullptr : &*same;
}

using LayerCell = std::function<std::string(const LayerReport&)>;

/// One figure of the slowest layers, a column a format.
std::string layer_figure(const CompareReport& report, const std::string& what,
                         const LayerCell& cell, const TextStyle& style) {
  constexpr std::size_t kFewLayers = 8;
  constexpr std::size_t kLongestName = 18;
  std::vector<TextTable::Column> columns{{"layer, " + what, Align::kLeft}, {"pass", Align::kLeft}};
  for (const ComparedRun& run : report.runs) columns.push_back({run.label, Align::kRight});
  TextTable table(columns);
  for (const LayerReport* layer : slowest_layers(report, kFewLayers)) {
    const std::string& name = layer->name;
    const bool fits = name.size() <= kLongestName;
    std::vector<std::string> cells{
        fits ? name : "..." + name.substr(name.size() - (kLongestName - 3)),
        std::string(to_string(layer->pass))};
    for (const ComparedRun& run : report.runs) {
      const LayerReport* same = same_layer(run, *layer);
      cells.push_back(same == nullptr ? "-" : cell(*same));
    }
    table.add_row(std::move(cells));
  }
  return table.text_in_parts(style.width, 2, style.colour);
}

/// The baseline's slowest layers, in every format.
std::string layer_table(const CompareReport& report, const TextStyle& style) {
  const EnergyUnit unit = energy_unit(report);
  const LayerCell kilocycles = [](const LayerReport& layer) {
    return fmt::format("{:.1f}", static_cast<double>(layer.cycles.count()) * 1e-3);
  };
  const LayerCell energy = [&](const LayerReport& layer) {
    return fmt::format("{:.3f}", layer.energy.total_pj() * unit.per_pj);
  };
  std::vector<TextTable::Column> columns{{"layer", Align::kLeft}, {"pass", Align::kLeft}};
  for (const ComparedRun& run : report.runs) {
    columns.push_back({run.label + " kcycles", Align::kRight});
    columns.push_back({unit.name, Align::kRight});
    columns.push_back({"bound by", Align::kLeft});
  }
  TextTable table(columns);
  for (const LayerReport* layer : slowest_layers(report, kTopLayers)) {
    std::vector<std::string> cells{layer->name, std::string(to_string(layer->pass))};
    for (const ComparedRun& run : report.runs) {
      const LayerReport* same = same_layer(run, *layer);
      cells.push_back(same == nullptr ? "-" : kilocycles(*same));
      cells.push_back(same == nullptr ? "-" : energy(*same));
      cells.push_back(same == nullptr ? "-" : same->bound_by);
    }
    table.add_row(std::move(cells));
  }
  if (table.width() <= style.width) return table.text(style.colour);
  return layer_figure(report, "kcycles", kilocycles, style) + "\n" +
         layer_figure(report, unit.name, energy, style);
}

/// What moves the saving of the last format most.
std::string sensitivity_table(const ComparedRun& run, const TextStyle& style) {
  TextTable table({{"assumption (factor on its price)", Align::kLeft},
                   {"from", Align::kRight},
                   {"to", Align::kRight},
                   {"saving from, %", Align::kRight},
                   {"to, %", Align::kRight}});
  const std::size_t most = style.assumptions == AssumptionList::kWhole ? kTopFactors : kShortList;
  const std::size_t rows = std::min(run.sensitivity.size(), most);
  for (std::size_t i = 0; i < rows; ++i) {
    const Sensitivity& each = run.sensitivity[i];
    table.add_row({each.factor.name, fmt::format("{:.2f}", each.factor.low),
                   fmt::format("{:.2f}", each.factor.high), percent(each.saving_at_low),
                   percent(each.saving_at_high)});
  }
  return table.text(style.colour, style.width);
}

std::string what_moves_the_saving(const CompareReport& report, const TextStyle& style) {
  const auto heading = [&](const std::string& text) {
    return "\n" + emphasized(text, Emphasis::kHeading, style.colour) + "\n";
  };
  if (!report.assumptions.empty()) {
    return heading("Energy saving when one assumption alone is another") +
           assumption_table_text(report, style);
  }
  const ComparedRun& last = report.runs.back();
  if (last.sensitivity.empty()) return "";
  return wrapped(heading(fmt::format("Energy saving of {} when one price alone moves over its band",
                                     last.label)),
                 style.width, 2) +
         sensitivity_table(last, style);
}

std::string assumption_lines(const CompareReport& report, const TextStyle& style) {
  const std::vector<std::string>& lines = report.runs.back().report.assumptions;
  if (style.assumptions == AssumptionList::kShort) {
    return wrapped(fmt::format("({} assumptions: --assumptions lists them, --sensitivity changes "
                               "each of them alone)",
                               lines.size()),
                   style.width, 0) +
           "\n";
  }
  std::string text = "\n" + emphasized("Assumptions", Emphasis::kHeading, style.colour) + "\n";
  for (const std::string& line : lines) text += wrapped("- " + line, style.width, 2) + "\n";
  return text;
}

}  // namespace

std::string_view to_string(EqualCost equal) {
  if (equal == EqualCost::kPes) return "pe";
  return equal == EqualCost::kArray ? "array" : "area";
}

std::string compare_text(const CompareReport& report, const TextStyle& style) {
  ComparisonTable table(labels_of(report));
  add_work(table, report);
  add_bounds(table, report);
  add_area(table, report);
  add_efficiency(table, report);
  add_energy(table, report);
  add_savings(table, report);
  add_accuracy(table, report);
  const RunIdentity& first = report.baseline_run().report.identity;
  std::string text = wrapped(fmt::format("{}, {}, {}, against {} at equal {}", first.workload,
                                         first.mode, batch_text(first), report.baseline_run().label,
                                         report.equal == EqualCost::kPes ? "PEs" : "area"),
                             style.width, 2) +
                     "\n";
  text += "\n" + emphasized("Slowest layers", Emphasis::kHeading, style.colour) + "\n";
  text += layer_table(report, style) + sizes_text(report, style);
  text += what_moves_the_saving(report, style);
  return text + assumption_lines(report, style) + "\n" + table.text(style.width, style.colour);
}

std::string compare_csv(const CompareReport& report) {
  std::string csv =
      "format,block,transpose,cycles,time_s,energy_pj,energy_low_pj,energy_high_pj,"
      "dram_read_bytes,dram_write_bytes,utilization,area_mm2,saving_energy,saving_energy_low,"
      "saving_energy_high,saving_time,saving_dram_bytes,label,equal,array_rows,array_columns,tops,"
      "tops_per_w,tops_per_mm2,average_power_w,peak_power_w,energy_delay_product_js";
  csv += has_accuracy(report) ? ",accuracy,accuracy_low,accuracy_high\n" : "\n";
  for (const ComparedRun& run : report.runs) {
    const RunReport& each = run.report;
    const Efficiency& figures = each.efficiency;
    csv += fmt::format(
        "{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},", csv_field(each.identity.format),
        each.identity.block, each.identity.transpose, each.result.cycles.count(), each.time_s,
        each.energy_pj.value, each.energy_pj.low, each.energy_pj.high, each.dram_read.count(),
        each.dram_written.count(), each.utilization, each.area.total_mm2(), run.saving.energy.value,
        run.saving.energy.low, run.saving.energy.high, run.saving.time, run.saving.dram_bytes);
    csv += fmt::format("{},{},{},{},{},{},{},{},{},{}", csv_field(run.label),
                       to_string(report.equal), each.identity.array_rows, each.identity.array_cols,
                       figures.tops, figures.tops_per_w, figures.tops_per_mm2,
                       figures.average_power_w, each.peak_power_w, figures.energy_delay_product_js);
    if (has_accuracy(report)) {
      csv += fmt::format(",{},{},{}", run.accuracy->mean, run.accuracy->low, run.accuracy->high);
    }
    csv += '\n';
  }
  return csv;
}

}  // namespace mxsim
