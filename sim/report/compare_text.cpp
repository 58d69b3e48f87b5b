#include "sim/report/compare_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>

#include "sim/report/assumption_text.h"
#include "sim/report/csv_field.h"
#include "sim/report/identity_text.h"
#include "sim/report/text_table.h"

namespace mxsim {
namespace {

constexpr std::size_t kTopLayers = 15;
constexpr std::size_t kTopFactors = 8;

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

std::vector<TextTable::Column> format_columns(const CompareReport& report, std::string first) {
  std::vector<TextTable::Column> columns{{std::move(first), Align::kLeft}};
  for (const ComparedRun& run : report.runs) {
    columns.push_back({run.label, Align::kRight});
  }
  return columns;
}

void add_row(TextTable& table, const CompareReport& report, const std::string& name,
             const Cell& cell, Emphasis emphasis = Emphasis::kNone) {
  std::vector<std::string> cells{"  " + name};
  for (const ComparedRun& run : report.runs) cells.push_back(cell(run));
  table.add_row(std::move(cells), emphasis);
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

void add_work(TextTable& table, const CompareReport& report) {
  table.add_heading("Work");
  add_row(table, report, "blocks", blocks);
  add_row(table, report, "array, PEs", array);
  add_row(table, report, "cycles", [](const ComparedRun& run) {
    return fmt::format("{}", run.report.result.cycles.count());
  });
  add_row(table, report, "time, ms",
          [](const ComparedRun& run) { return fmt::format("{:.3f}", run.report.time_s * 1e3); });
  add_row(table, report, "utilization, %",
          [](const ComparedRun& run) { return percent(run.report.utilization); });
  add_row(table, report, "DRAM read, MB",
          [](const ComparedRun& run) { return megabytes(run.report.dram_read); });
  add_row(table, report, "DRAM written, MB",
          [](const ComparedRun& run) { return megabytes(run.report.dram_written); });
}

void add_energy(TextTable& table, const CompareReport& report) {
  const EnergyUnit unit = energy_unit(report);
  table.add_heading(fmt::format("Energy, {}", unit.name));
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

void add_area(TextTable& table, const CompareReport& report) {
  table.add_heading("Silicon, mm2");
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

void add_efficiency(TextTable& table, const CompareReport& report) {
  table.add_heading("Efficiency");
  const auto add = [&](const char* name, double Efficiency::*figure, const char* digits) {
    add_row(table, report, name, [=](const ComparedRun& run) {
      return fmt::format(fmt::runtime(digits), run.report.efficiency.*figure);
    });
  };
  add("TOPS", &Efficiency::tops, "{:.3f}");
  add("TOPS/W", &Efficiency::tops_per_w, "{:.3f}");
  add("TOPS/mm2", &Efficiency::tops_per_mm2, "{:.4f}");
  add("energy-delay product, J s", &Efficiency::energy_delay_product_js, "{:.3g}");
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

void add_bounds(TextTable& table, const CompareReport& report) {
  table.add_heading("Bound by, % of cycles");
  for (const char* resource :
       {"compute", "dram", "dma", "vector", "requant", "bank_conflict", "stationary_load",
        "scale_unit", "array", "accumulator", "buffer", "dependency", "latency"}) {
    const bool present = std::any_of(report.runs.begin(), report.runs.end(), [&](const auto& run) {
      return bound_share(run.report, resource) > 0;
    });
    if (!present) continue;
    add_row(table, report, resource,
            [&](const ComparedRun& run) { return percent(bound_share(run.report, resource)); });
  }
}

void add_savings(TextTable& table, const CompareReport& report) {
  table.add_heading("Saved, %");
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
  add_row(table, report, "energy-delay product",
          [](const ComparedRun& run) { return percent(run.saving.energy_delay); });
}

/// The baseline's slowest layers, in every format.
std::string layer_table(const CompareReport& report, Colour colour) {
  const EnergyUnit unit = energy_unit(report);
  std::vector<TextTable::Column> columns{{"layer", Align::kLeft}, {"pass", Align::kLeft}};
  for (const ComparedRun& run : report.runs) {
    columns.push_back({run.label + " kcycles", Align::kRight});
    columns.push_back({unit.name, Align::kRight});
    columns.push_back({"bound by", Align::kLeft});
  }
  TextTable table(columns);
  std::vector<const LayerReport*> slowest;
  for (const LayerReport& layer : report.baseline_run().report.layers) slowest.push_back(&layer);
  std::stable_sort(slowest.begin(), slowest.end(), [](const LayerReport* a, const LayerReport* b) {
    return a->cycles > b->cycles;
  });
  slowest.resize(std::min(slowest.size(), kTopLayers));
  for (const LayerReport* layer : slowest) {
    std::vector<std::string> cells{layer->name, std::string(to_string(layer->pass))};
    for (const ComparedRun& run : report.runs) {
      const auto& layers = run.report.layers;
      const auto same = std::find_if(layers.begin(), layers.end(), [&](const LayerReport& other) {
        return other.name == layer->name && other.pass == layer->pass;
      });
      const bool found = same != layers.end();
      cells.push_back(
          found ? fmt::format("{:.1f}", static_cast<double>(same->cycles.count()) * 1e-3) : "-");
      cells.push_back(found ? fmt::format("{:.3f}", same->energy.total_pj() * unit.per_pj) : "-");
      cells.push_back(found ? same->bound_by : "-");
    }
    table.add_row(std::move(cells));
  }
  return table.text(colour);
}

/// What moves the saving of the last format most.
std::string sensitivity_table(const ComparedRun& run, Colour colour) {
  TextTable table({{"assumption (factor on its price)", Align::kLeft},
                   {"from", Align::kRight},
                   {"to", Align::kRight},
                   {"saving from, %", Align::kRight},
                   {"to, %", Align::kRight}});
  const std::size_t rows = std::min(run.sensitivity.size(), kTopFactors);
  for (std::size_t i = 0; i < rows; ++i) {
    const Sensitivity& each = run.sensitivity[i];
    table.add_row({each.factor.name, fmt::format("{:.2f}", each.factor.low),
                   fmt::format("{:.2f}", each.factor.high), percent(each.saving_at_low),
                   percent(each.saving_at_high)});
  }
  return table.text(colour);
}

std::string what_moves_the_saving(const CompareReport& report, Colour colour) {
  const auto heading = [&](const std::string& text) {
    return "\n" + emphasized(text, Emphasis::kHeading, colour) + "\n";
  };
  if (!report.assumptions.empty()) {
    return heading("Energy saving when one assumption alone is another") +
           assumption_table_text(report, colour);
  }
  const ComparedRun& last = report.runs.back();
  if (last.sensitivity.empty()) return "";
  return heading(fmt::format("Energy saving of {} when one price alone moves over its band "
                             "(--sensitivity: every assumption)",
                             last.label)) +
         sensitivity_table(last, colour);
}

}  // namespace

std::string_view to_string(EqualCost equal) { return equal == EqualCost::kPes ? "pe" : "area"; }

std::string compare_text(const CompareReport& report, Colour colour) {
  TextTable table(format_columns(report, ""));
  add_work(table, report);
  add_energy(table, report);
  add_area(table, report);
  add_efficiency(table, report);
  add_bounds(table, report);
  add_savings(table, report);
  const RunIdentity& first = report.baseline_run().report.identity;
  std::string text = fmt::format("{}, {}, {}, against {} at equal {}\n\n", first.workload,
                                 first.mode, batch_text(first), report.baseline_run().label,
                                 report.equal == EqualCost::kPes ? "PEs" : "area");
  text += table.text(colour);
  text += "\n" + emphasized("Slowest layers", Emphasis::kHeading, colour) + "\n";
  text += layer_table(report, colour) + what_moves_the_saving(report, colour);
  text += "\n" + emphasized("Assumptions", Emphasis::kHeading, colour) + "\n";
  for (const std::string& line : report.runs.back().report.assumptions) text += "- " + line + "\n";
  return text;
}

std::string compare_csv(const CompareReport& report) {
  std::string csv =
      "format,block,transpose,cycles,time_s,energy_pj,energy_low_pj,energy_high_pj,"
      "dram_read_bytes,dram_write_bytes,utilization,area_mm2,saving_energy,saving_energy_low,"
      "saving_energy_high,saving_time,saving_dram_bytes,label,equal,array_rows,array_columns,tops,"
      "tops_per_w,tops_per_mm2,average_power_w,peak_power_w,energy_delay_product_js\n";
  for (const ComparedRun& run : report.runs) {
    const RunReport& each = run.report;
    const Efficiency& figures = each.efficiency;
    csv += fmt::format(
        "{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},", csv_field(each.identity.format),
        each.identity.block, each.identity.transpose, each.result.cycles.count(), each.time_s,
        each.energy_pj.value, each.energy_pj.low, each.energy_pj.high, each.dram_read.count(),
        each.dram_written.count(), each.utilization, each.area.total_mm2(), run.saving.energy.value,
        run.saving.energy.low, run.saving.energy.high, run.saving.time, run.saving.dram_bytes);
    csv += fmt::format("{},{},{},{},{},{},{},{},{},{}\n", csv_field(run.label),
                       to_string(report.equal), each.identity.array_rows, each.identity.array_cols,
                       figures.tops, figures.tops_per_w, figures.tops_per_mm2,
                       figures.average_power_w, each.peak_power_w, figures.energy_delay_product_js);
  }
  return csv;
}

}  // namespace mxsim
