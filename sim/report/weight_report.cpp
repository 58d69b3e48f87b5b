#include "sim/report/weight_report.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "models/core/safe_text.h"
#include "sim/report/text_table.h"
#include "sim/report/wrapped_lines.h"

namespace mxsim {
namespace {

using nlohmann::ordered_json;

std::string share(std::int64_t part, std::int64_t whole) {
  return fmt::format(
      "{:.2f}", whole == 0 ? 0.0 : 100.0 * static_cast<double>(part) / static_cast<double>(whole));
}

/// No error, or nothing to compare it with.
std::string decibels(const QuantizationStatistics& statistics) {
  return statistics.sqnr_db ? fmt::format("{:.2f}", *statistics.sqnr_db) : "-";
}

void add_row(const WeightStatistics& weights, const std::string& name, Emphasis emphasis,
             TextTable& table) {
  std::vector<std::string> cells{name, fmt::format("{}", weights.elements),
                                 share(weights.zeros, weights.elements)};
  for (const QuantizationStatistics& each : weights.formats) {
    cells.push_back(decibels(each));
    cells.push_back(share(each.zeros, weights.elements));
  }
  table.add_row(std::move(cells), emphasis);
}

ordered_json statistics_json(const WeightStatistics& weights,
                             const std::vector<FormatSpec>& formats) {
  ordered_json by_format = ordered_json::object();
  for (std::size_t f = 0; f < formats.size(); ++f) {
    const QuantizationStatistics& each = weights.formats[f];
    by_format[formats[f].name] = {
        {"sqnr_db", each.sqnr_db ? ordered_json(*each.sqnr_db) : ordered_json()},
        {"zeros", each.zeros},
        {"underflowed", each.underflowed},
        {"saturated", each.saturated},
        {"not_finite", each.not_finite}};
  }
  ordered_json json;
  if (!weights.name.empty()) {
    json = {{"name", weights.name}, {"rows", weights.rows}, {"cols", weights.cols}};
  }
  json["elements"] = weights.elements;
  json["zeros"] = weights.zeros;
  json["formats"] = std::move(by_format);
  return json;
}

}  // namespace

std::string weight_text(const WeightReport& report, std::size_t width) {
  using enum Align;
  std::vector<TextTable::Column> columns{{"weights"}, {"elements", kRight}, {"zeros %", kRight}};
  for (const FormatSpec& format : report.formats) {
    columns.push_back({format.name + " dB", kRight});
    columns.push_back({"zeros %", kRight});
  }
  TextTable table(std::move(columns));
  for (const WeightStatistics& layer : report.statistics.layers) {
    add_row(layer, layer.name, Emphasis::kNone, table);
  }
  add_row(report.statistics.all, "all", Emphasis::kTotal, table);
  std::string text = table.text_in_parts(width, 1) +
                     wrapped_lines(
                         "dB: signal to quantization noise (\"-\": no error); zeros: "
                         "before, and in each format",
                         width, 2);
  for (const std::string& name : report.statistics.unknown) {
    text += fmt::format("no numbers of {}\n", escaped(name));
  }
  return text;
}

std::string weight_json(const WeightReport& report) {
  ordered_json layers = ordered_json::array();
  for (const WeightStatistics& layer : report.statistics.layers) {
    layers.push_back(statistics_json(layer, report.formats));
  }
  const ordered_json json{{"network", report.network},
                          {"layers", layers},
                          {"all", statistics_json(report.statistics.all, report.formats)},
                          {"unknown", report.statistics.unknown}};
  return json.dump(1, ' ', false, ordered_json::error_handler_t::replace) + "\n";
}

}  // namespace mxsim
