#include "sim/report/compare_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <map>

#include "sim/report/csv_field.h"
#include "sim/report/text_table.h"

namespace mxsim {
namespace {

constexpr std::size_t kTopLayers = 15;
constexpr std::size_t kTopFactors = 8;
constexpr double kMillijoules = 1e-9;

using Cell = std::function<std::string(const ComparedRun&)>;

std::vector<TextTable::Column> format_columns(const CompareReport& report, std::string first) {
  std::vector<TextTable::Column> columns{{std::move(first), Align::kLeft}};
  for (const ComparedRun& run : report.runs) {
    columns.push_back({run.report.identity.format, Align::kRight});
  }
  return columns;
}

void add_row(TextTable& table, const CompareReport& report, const std::string& name,
             const Cell& cell) {
  std::vector<std::string> cells{name};
  for (const ComparedRun& run : report.runs) cells.push_back(cell(run));
  table.add_row(std::move(cells));
}

std::string percent(double share) { return fmt::format("{:.1f}", 100 * share); }
std::string megabytes(Bytes bytes) {
  return fmt::format("{:.2f}", static_cast<double>(bytes.count()) * 1e-6);
}

std::string blocks(const ComparedRun& run) {
  const RunIdentity& identity = run.report.identity;
  return identity.block.empty() ? "-" : identity.block + " " + identity.transpose;
}

void add_work(TextTable& table, const CompareReport& report) {
  add_row(table, report, "blocks", blocks);
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
  for (std::size_t i = 0; i < kComponentCount; ++i) {
    const auto component = static_cast<Component>(i);
    add_row(table, report, fmt::format("energy {}, mJ", to_string(component)),
            [&](const ComparedRun& run) {
              return fmt::format("{:.2f}",
                                 run.report.energy.component_pj(component) * kMillijoules);
            });
  }
  add_row(table, report, "energy total, mJ", [](const ComparedRun& run) {
    return fmt::format("{:.2f}", run.report.energy_pj.value * kMillijoules);
  });
  add_row(table, report, "  5 .. 95 %", [](const ComparedRun& run) {
    return fmt::format("{:.2f} .. {:.2f}", run.report.energy_pj.low * kMillijoules,
                       run.report.energy_pj.high * kMillijoules);
  });
  add_row(table, report, "area, mm2", [](const ComparedRun& run) {
    return fmt::format("{:.2f}", run.report.area.total_mm2());
  });
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
  for (const char* resource : {"compute", "dram", "dma", "vector", "requant", "bank_conflict",
                               "array", "accumulator", "buffer", "dependency", "latency"}) {
    const bool present = std::any_of(report.runs.begin(), report.runs.end(), [&](const auto& run) {
      return bound_share(run.report, resource) > 0;
    });
    if (!present) continue;
    add_row(table, report, fmt::format("bound by {}, % of cycles", resource),
            [&](const ComparedRun& run) { return percent(bound_share(run.report, resource)); });
  }
}

void add_savings(TextTable& table, const CompareReport& report) {
  add_row(table, report, "saving energy, %",
          [](const ComparedRun& run) { return percent(run.saving.energy.value); });
  add_row(table, report, "  5 .. 95 %", [](const ComparedRun& run) {
    return percent(run.saving.energy.low) + " .. " + percent(run.saving.energy.high);
  });
  add_row(table, report, "saving time, %",
          [](const ComparedRun& run) { return percent(run.saving.time); });
  add_row(table, report, "saving DRAM bytes, %",
          [](const ComparedRun& run) { return percent(run.saving.dram_bytes); });
}

/// The baseline's slowest layers, in every format.
std::string layer_table(const CompareReport& report) {
  std::vector<TextTable::Column> columns{{"layer", Align::kLeft}, {"pass", Align::kLeft}};
  for (const ComparedRun& run : report.runs) {
    columns.push_back({run.report.identity.format + " kcycles", Align::kRight});
    columns.push_back({"mJ", Align::kRight});
    columns.push_back({"bound by", Align::kLeft});
  }
  TextTable table(columns);
  std::vector<const LayerReport*> slowest;
  for (const LayerReport& layer : report.runs.front().report.layers) slowest.push_back(&layer);
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
      cells.push_back(found ? fmt::format("{:.3f}", same->energy.total_pj() * kMillijoules) : "-");
      cells.push_back(found ? same->bound_by : "-");
    }
    table.add_row(std::move(cells));
  }
  return table.text();
}

/// What moves the saving of the last format most.
std::string sensitivity_table(const ComparedRun& run) {
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
  return table.text();
}

}  // namespace

std::string compare_text(const CompareReport& report) {
  TextTable table(format_columns(report, ""));
  add_work(table, report);
  add_energy(table, report);
  add_bounds(table, report);
  add_savings(table, report);
  const RunIdentity& first = report.runs.front().report.identity;
  const ComparedRun& last = report.runs.back();
  std::string text = fmt::format("{}, {}, batch {}, against {}\n\n", first.workload, first.mode,
                                 first.batch, report.baseline);
  text += table.text() + "\nSlowest layers\n" + layer_table(report);
  if (!last.sensitivity.empty()) {
    text += fmt::format("\nEnergy saving of {} when one price alone moves over its band\n",
                        last.report.identity.format) +
            sensitivity_table(last);
  }
  text += "\nAssumptions\n";
  for (const std::string& line : last.report.assumptions) text += "- " + line + "\n";
  return text;
}

std::string compare_csv(const CompareReport& report) {
  std::string csv =
      "format,block,transpose,cycles,time_s,energy_pj,energy_low_pj,energy_high_pj,"
      "dram_read_bytes,dram_write_bytes,utilization,area_mm2,saving_energy,saving_energy_low,"
      "saving_energy_high,saving_time,saving_dram_bytes\n";
  for (const ComparedRun& run : report.runs) {
    const RunReport& each = run.report;
    csv += fmt::format(
        "{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{}\n", csv_field(each.identity.format),
        each.identity.block, each.identity.transpose, each.result.cycles.count(), each.time_s,
        each.energy_pj.value, each.energy_pj.low, each.energy_pj.high, each.dram_read.count(),
        each.dram_written.count(), each.utilization, each.area.total_mm2(), run.saving.energy.value,
        run.saving.energy.low, run.saving.energy.high, run.saving.time, run.saving.dram_bytes);
  }
  return csv;
}

}  // namespace mxsim
