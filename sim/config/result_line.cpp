#include "sim/config/result_line.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "models/core/rng.h"
#include "sim/json/strict_json.h"

namespace mxsim {
namespace {

using nlohmann::ordered_json;

constexpr const char* kStatus = "status";
constexpr const char* kHash = "line_hash";

/// Values are written again, which takes a frame of the stack for each level.
bool refuse_depth(int depth, ordered_json::parse_event_t, ordered_json&) {
  if (depth > static_cast<int>(kMaxJsonDepth)) {
    throw ordered_json::other_error::create(501, "too deep", nullptr);
  }
  return true;
}

std::string signature(std::string_view object) {
  return fmt::format(",\"{}\":\"{:016x}\"}}", kHash, stable_hash(object));
}

double total(const ordered_json& totals, const char* name) { return totals.at(name).get<double>(); }

std::array<double, kObjectiveCount> objectives_of(const ordered_json& json) {
  const ordered_json& totals = json.at("totals");
  std::array<double, kObjectiveCount> values{};
  const auto set = [&](Objective objective, double value) {
    values[static_cast<std::size_t>(objective)] = value;
  };
  set(Objective::kCycles, total(totals, "cycles"));
  set(Objective::kEnergy, total(totals, "energy_pj"));
  set(Objective::kArea, total(totals, "area_mm2"));
  set(Objective::kEdp, total(totals, "energy_delay_product_js"));
  set(Objective::kDramBytes, total(totals, "dram_read_bytes") + total(totals, "dram_write_bytes"));
  set(Objective::kBops, total(totals, "bops"));
  if (json.contains("quality")) {
    const ordered_json& quality = json.at("quality");
    set(Objective::kQuality, total(quality, quality.contains("error") ? "error" : "noise"));
  }
  if (json.contains("fpga")) set(Objective::kLuts, total(json.at("fpga"), "luts"));
  return values;
}

void add_columns(ResultLine& result, const std::string& name, const ordered_json& value) {
  if (!value.is_object()) {
    result.columns.emplace_back(name, value.dump());
    return;
  }
  for (const auto& [inner, each] : value.items()) {
    add_columns(result, name == "totals" ? inner : name + "/" + inner, each);
  }
}

PointStatus status_of(const ordered_json& json) {
  if (json.at(kStatus) == "ok") return PointStatus::kOk;
  if (json.at(kStatus) == "left_out") return PointStatus::kLeftOut;
  if (json.at(kStatus) != "failed") throw ordered_json::other_error::create(501, "status", nullptr);
  return json.value("lost", false) ? PointStatus::kLost : PointStatus::kFailed;
}

}  // namespace

std::optional<ResultLine> read_result_line(const std::string& line) {
  try {
    const ordered_json json = ordered_json::parse(line, refuse_depth);
    ResultLine result;
    if (!json.at("point").is_number_unsigned() || !json.at("settings").is_object()) {
      return std::nullopt;
    }
    result.point = json.at("point").get<std::uint64_t>();
    result.sweep = json.at("sweep").get<std::string>();
    result.status = status_of(json);
    result.error = json.value("error", "");
    for (const auto& [key, value] : json.at("settings").items()) {
      result.settings.push_back({key, value.dump()});
    }
    if (result.status == PointStatus::kOk) result.objectives = objectives_of(json);
    for (const auto& [name, value] : json.items()) {
      const bool apart = name == "point" || name == "sweep" || name == kStatus ||
                         name == "settings" || name == "error" || name == "lost" || name == kHash;
      if (!apart) add_columns(result, name, value);
    }
    return result;
  } catch (const ordered_json::exception&) {
    return std::nullopt;
  }
}

std::string signed_result_line(std::string object) {
  object.pop_back();  // }
  return object + signature(object) + "\n";
}

bool is_signed_result_line(std::string_view line) {
  const std::size_t length = signature("").size();
  if (line.size() < length) return false;
  const std::string_view object = line.substr(0, line.size() - length);
  return line.substr(object.size()) == signature(object);
}

}  // namespace mxsim
