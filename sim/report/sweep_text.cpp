#include "sim/report/sweep_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "models/core/safe_text.h"
#include "sim/report/text_table.h"
#include "sim/report/wrapped_lines.h"

namespace mxsim {
namespace {

using nlohmann::ordered_json;

constexpr std::size_t kMostRows = 1000;

ordered_json settings_json(const Settings& settings) {
  ordered_json json = ordered_json::object();
  for (const Setting& each : settings) json[each.key] = ordered_json::parse(each.value);
  return json;
}

/// "array rows" of "/chip/array/rows".
std::string short_key(const std::string& key) {
  const std::size_t last = key.rfind('/');
  if (last == std::string::npos || last == 0) return key;
  const std::size_t before = key.rfind('/', last - 1);
  return key.substr(before + 1, last - before - 1) + " " + key.substr(last + 1);
}

/// `extra`: columns that are to come after the settings.
std::vector<TextTable::Column> setting_columns(const Settings& settings, std::size_t width,
                                               std::size_t extra) {
  constexpr std::size_t kColumnWidth = 14;
  std::size_t needed = kColumnWidth * (1 + extra);
  for (const Setting& each : settings) needed += each.key.size() + 2;
  std::vector<TextTable::Column> columns{{"point"}};
  for (const Setting& each : settings) {
    columns.push_back({needed <= width ? each.key : short_key(each.key)});
  }
  return columns;
}

std::vector<std::string> setting_cells(std::size_t point, const Settings& settings) {
  std::vector<std::string> cells{std::to_string(point)};
  for (const Setting& each : settings) cells.push_back(each.value);
  return cells;
}

double total_seconds(const DryRun& plan) {
  double seconds = 0;
  for (const PlannedRow& row : plan.points) seconds += row.seconds;
  return seconds;
}

std::string megabytes_text(const PlannedRow& row) {
  constexpr double kMegabyte = 1e6;
  return fmt::format("{:.2f}{}", static_cast<double>(row.dram_bytes) / kMegabyte,
                     row.fits() ? "" : " !");
}

std::string more_text(std::size_t rows) {
  return rows > kMostRows ? fmt::format("... and {} more\n", rows - kMostRows) : "";
}

}  // namespace

std::string dry_run_text(const DryRun& plan, std::size_t width) {
  std::vector<TextTable::Column> columns = setting_columns(plan.points.front().settings, width, 2);
  columns.push_back({"tensors, MB", Align::kRight});
  columns.push_back({"estimate, s", Align::kRight});
  TextTable table(columns);
  for (std::size_t i = 0; i < std::min(plan.points.size(), kMostRows); ++i) {
    std::vector<std::string> cells = setting_cells(i, plan.points[i].settings);
    cells.push_back(megabytes_text(plan.points[i]));
    cells.push_back(fmt::format("{:.3g}", plan.points[i].seconds));
    table.add_row(std::move(cells));
  }
  const double seconds = total_seconds(plan);
  const auto misfits = std::count_if(plan.points.begin(), plan.points.end(),
                                     [](const PlannedRow& row) { return !row.fits(); });
  const std::string refused =
      misfits == 0
          ? ""
          : wrapped(fmt::format("{} points do not fit their DRAM (!) and will fail", misfits),
                    width, 0) +
                "\n";
  return table.text_in_parts(width, 1) + more_text(plan.points.size()) + refused +
         wrapped(fmt::format("{} points, about {:.3g} s on one core, {:.3g} s with {} jobs (closed "
                             "form fitted on the shipped runs)",
                             plan.points.size(), seconds, seconds / static_cast<double>(plan.jobs),
                             plan.jobs),
                 width, 0) +
         "\n";
}

std::string dry_run_json(const DryRun& plan) {
  ordered_json points = ordered_json::array();
  for (std::size_t i = 0; i < plan.points.size(); ++i) {
    points.push_back({{"point", i},
                      {"settings", settings_json(plan.points[i].settings)},
                      {"tensor_bytes", plan.points[i].dram_bytes},
                      {"dram_bytes", plan.points[i].dram_capacity},
                      {"estimate_s", plan.points[i].seconds}});
  }
  return ordered_json{{"sweep", plan.hash},
                      {"estimate_s", total_seconds(plan)},
                      {"jobs", plan.jobs},
                      {"points", points}}
             .dump(1) +
         "\n";
}

std::size_t SweepSummary::count(PointStatus status) const {
  return static_cast<std::size_t>(
      std::count_if(results.begin(), results.end(),
                    [&](const ResultLine& result) { return result.status == status; }));
}

std::string sweep_text(const SweepSummary& summary, std::size_t width) {
  std::string names;
  for (const Objective each : summary.objectives) {
    names += (names.empty() ? "" : ", ") + std::string(choice_name(each, kObjectiveNames));
  }
  const std::size_t failed =
      summary.count(PointStatus::kFailed) + summary.count(PointStatus::kLost);
  const std::string head = wrapped_lines(
      fmt::format("{} of {} points done, {} of them failed; {}", summary.results.size(),
                  summary.points, failed, escaped(summary.file)),
      width, 2);
  std::size_t rows = 0;
  if (summary.results.empty()) return head;
  std::vector<TextTable::Column> columns =
      setting_columns(summary.results.front().settings, width, summary.objectives.size());
  for (const Objective each : summary.objectives) {
    columns.push_back({std::string(choice_name(each, kObjectiveNames)), Align::kRight});
  }
  TextTable table(columns);
  for (std::size_t i = 0; i < summary.results.size(); ++i) {
    if (!summary.front[i] || rows++ >= kMostRows) continue;
    const ResultLine& result = summary.results[i];
    std::vector<std::string> cells = setting_cells(result.point, result.settings);
    for (const Objective each : summary.objectives) {
      cells.push_back(fmt::format("{:.6g}", result.objectives[static_cast<std::size_t>(each)]));
    }
    table.add_row(std::move(cells));
  }
  return head + wrapped_lines(fmt::format("front of {}:", names), width, 2) +
         table.text_in_parts(width, 1) + more_text(rows);
}

std::string sweep_json(const SweepSummary& summary) {
  ordered_json front = ordered_json::array();
  for (std::size_t i = 0; i < summary.results.size(); ++i) {
    if (!summary.front[i]) continue;
    const ResultLine& result = summary.results[i];
    ordered_json row{{"point", result.point}, {"settings", settings_json(result.settings)}};
    for (const Objective each : summary.objectives) {
      row[std::string(choice_name(each, kObjectiveNames))] =
          result.objectives[static_cast<std::size_t>(each)];
    }
    front.push_back(std::move(row));
  }
  return ordered_json{
             {"sweep", summary.hash},
             {"results", summary.file},
             {"points", summary.points},
             {"ok", summary.count(PointStatus::kOk)},
             {"failed", summary.count(PointStatus::kFailed) + summary.count(PointStatus::kLost)},
             {"front", front}}
             .dump(1) +
         "\n";
}

}  // namespace mxsim
