#include "sim/report/sweep_report.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "sim/report/csv_field.h"
#include "sim/report/fpga_report.h"
#include "sim/report/run_json.h"
#include "sim/report/version.h"

namespace mxsim {
namespace {

using nlohmann::ordered_json;

const char* status_name(PointStatus status) {
  if (status == PointStatus::kOk) return "ok";
  return status == PointStatus::kLeftOut ? "left_out" : "failed";
}

ordered_json quality_json(const PointExtras& extras) {
  ordered_json json = ordered_json::object();
  if (extras.noise) json["noise"] = *extras.noise;
  if (extras.sqnr_db) json["sqnr_db"] = *extras.sqnr_db;
  if (extras.accuracy) {
    json["accuracy"] = *extras.accuracy;
    json["error"] = 1 - *extras.accuracy;
  }
  return json;
}

ordered_json head(const PointIdentity& identity, PointStatus status) {
  ordered_json json{
      {"point", identity.point}, {"sweep", identity.sweep}, {"status", status_name(status)}};
  ordered_json& settings = json["settings"] = ordered_json::object();
  for (const Setting& each : identity.settings)
    settings[each.key] = ordered_json::parse(each.value);
  return json;
}

std::string line(const ordered_json& json) {
  return signed_result_line(json.dump(-1, ' ', false, ordered_json::error_handler_t::replace));
}

/// A text without its quotes.
std::string cell(const std::string& value) {
  const ordered_json json = ordered_json::parse(value);
  return csv_field(json.is_string() ? json.get<std::string>() : value);
}

const std::string* find(const ResultLine& result, const std::string& column) {
  for (const auto& [name, value] : result.columns) {
    if (name == column) return &value;
  }
  return nullptr;
}

/// Columns in the order of the row that has most of them.
std::vector<std::string> columns_of(const std::vector<ResultLine>& results) {
  std::vector<std::string> columns;
  const auto longest = std::max_element(
      results.begin(), results.end(),
      [](const ResultLine& a, const ResultLine& b) { return a.columns.size() < b.columns.size(); });
  if (longest == results.end()) return columns;
  for (const auto& [name, value] : longest->columns) columns.push_back(name);
  return columns;
}

}  // namespace

std::string result_line(const PointIdentity& identity, const RunReport& report,
                        const PointExtras& extras) {
  ordered_json json = head(identity, PointStatus::kOk);
  json.update(summary_json(report));
  for (const Setting& each : extras.layer_formats) {
    json["layer_formats"][each.key] = ordered_json::parse(each.value);
  }
  if (extras.noise || extras.accuracy) json["quality"] = quality_json(extras);
  if (extras.fpga) json["fpga"] = to_json(*extras.fpga);
  return line(json);
}

std::string failure_line(const PointIdentity& identity, const std::string& error,
                         PointStatus status) {
  ordered_json json = head(identity, status);
  json["version"] = version();
  json["error"] = error;
  if (status == PointStatus::kLost) json["lost"] = true;
  return line(json);
}

std::string results_csv(const std::vector<ResultLine>& results, const std::vector<bool>& front) {
  const std::vector<std::string> columns = columns_of(results);
  std::string text = "point,status,pareto";
  if (!results.empty()) {
    for (const Setting& each : results.front().settings) text += "," + csv_field(each.key);
  }
  for (const std::string& column : columns) text += "," + csv_field(column);
  text += ",error\n";
  for (std::size_t i = 0; i < results.size(); ++i) {
    const ResultLine& result = results[i];
    text += std::to_string(result.point) + "," + status_name(result.status) + ",";
    text += front.at(i) ? "1" : "0";
    for (const Setting& each : result.settings) text += "," + cell(each.value);
    for (const std::string& column : columns) {
      const std::string* value = find(result, column);
      text += "," + (value == nullptr ? "" : cell(*value));
    }
    text += "," + csv_field(result.error) + "\n";
  }
  return text;
}

}  // namespace mxsim
