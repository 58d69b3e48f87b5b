#include "sim/config/result_document.h"

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <optional>
#include <regex>
#include <sstream>
#include <system_error>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include "models/core/error.h"
#include "sim/json/strict_json.h"

namespace mxsim {
namespace {

using nlohmann::json;
namespace fs = std::filesystem;

bool has_list(const json& value, const char* key) {
  return value.is_object() && value.contains(key) && value.at(key).is_array() &&
         !value.at(key).empty();
}

bool has_objects(const json& value, const char* key) {
  return has_list(value, key) && std::all_of(value.at(key).begin(), value.at(key).end(),
                                             [](const json& each) { return each.is_object(); });
}

bool has_numbers(const json& value, std::initializer_list<const char*> keys) {
  return value.is_object() && std::all_of(keys.begin(), keys.end(), [&](const char* key) {
           return value.contains(key) && value.at(key).is_number();
         });
}

bool is_run(const json& value) {
  return has_objects(value, "layers") && value.contains("totals") && value.contains("units") &&
         value.contains("energy_pj") && value.contains("array") && value.contains("formats") &&
         has_numbers(value.at("totals"), {"cycles", "time_s", "energy_pj", "energy_low_pj",
                                          "energy_high_pj", "area_mm2"}) &&
         std::all_of(value.at("layers").begin(), value.at("layers").end(), [](const json& layer) {
           return has_numbers(layer, {"cycles", "macs", "dram_bytes", "energy_pj"}) &&
                  layer.contains("name") && layer.contains("pass") && layer.contains("units");
         });
}

bool is_compare(const json& value) {
  return value.is_object() && value.contains("baseline") && has_objects(value, "runs") &&
         std::all_of(value.at("runs").begin(), value.at("runs").end(), [](const json& run) {
           return run.contains("label") && run.contains("saving") && run.contains("report") &&
                  is_run(run.at("report"));
         });
}

bool is_training(const json& value) {
  return has_objects(value, "formats") && value.contains("train_samples") &&
         std::all_of(value.at("formats").begin(), value.at("formats").end(), [](const json& each) {
           return each.contains("accuracy") && each.contains("total") && each.contains("step") &&
                  has_objects(each, "epochs");
         });
}

bool is_eval(const json& value) {
  return has_numbers(value, {"accuracy", "accuracy_low", "accuracy_high", "samples", "energy_pj"});
}

/// Whole, of 0 or more, and small enough to be added up.
bool has_counts(const json& value, std::initializer_list<const char*> keys) {
  constexpr std::uint64_t kMost = std::uint64_t{1} << 60;
  return value.is_object() && std::all_of(keys.begin(), keys.end(), [&](const char* key) {
           return value.contains(key) && value.at(key).is_number_unsigned() &&
                  value.at(key).get<std::uint64_t>() <= kMost;
         });
}

bool is_text_if_there(const json& value, const char* key) {
  return !value.contains(key) || value.at(key).is_string();
}

bool is_event(const json& event) {
  if (!event.contains("ph") || !has_counts(event, {"tid"}) || !event.contains("args")) return false;
  const json& args = event.at("args");
  if (event.at("ph") == "M") {
    return args.is_object() && args.contains("name") && args.at("name").is_string();
  }
  return has_numbers(event, {"dur"}) && has_counts(args, {"cycle", "cycles"}) &&
         is_text_if_there(args, "waits_for") && is_text_if_there(args, "layer");
}

bool is_timeline(const json& value) {
  return has_objects(value, "traceEvents") &&
         std::all_of(value.at("traceEvents").begin(), value.at("traceEvents").end(), is_event);
}

/// "" for JSON of another kind.
std::string kind_of_json(const json& value) {
  if (is_compare(value)) return "compare";
  if (is_run(value)) return "run";
  if (is_training(value)) return "training";
  if (is_timeline(value)) return "timeline";
  return is_eval(value) ? "eval" : "";
}

/// Columns by name, each row with a place for every column.
class Table {
 public:
  explicit Table(std::string path) : path_(std::move(path)) {}

  std::size_t column(const std::string& name) {
    const auto [entry, is_new] = numbers_.try_emplace(name, columns_.size());
    if (is_new) columns_.push_back(name);
    return entry->second;
  }
  void begin_row() { rows_.emplace_back(); }
  void set(const std::string& name, const json& value) {
    std::vector<json>& row = rows_.back();
    const std::size_t place = column(name);
    if (row.size() <= place) widen(row, place + 1);
    row[place] = value;
  }
  json to_json() && {
    for (std::vector<json>& row : rows_) widen(row, columns_.size());
    return {{"columns", columns_}, {"rows", std::move(rows_)}};
  }

 private:
  /// Rows of ever new columns would make the table the square of its file.
  void widen(std::vector<json>& row, std::size_t size) {
    constexpr std::size_t kMostCells = 20'000'000;
    cells_ += size - row.size();
    if (cells_ > kMostCells) {
      throw InputError({{path_, "", "more than " + std::to_string(kMostCells) + " cells"}});
    }
    row.resize(size);
  }

  std::string path_;
  std::unordered_map<std::string, std::size_t> numbers_;
  std::vector<std::string> columns_;
  std::vector<std::vector<json>> rows_;
  std::size_t cells_ = 0;
};

[[noreturn]] void refuse_line(const std::string& path, std::size_t number) {
  throw InputError({{path, "", "line " + std::to_string(number) + " is no result of a sweep"}});
}

/// Adds the numbers of an object under "prefix/name".
void add_numbers(Table& table, const json& result, const char* key, const std::string& prefix) {
  if (!result.contains(key) || !result.at(key).is_object()) return;
  for (const auto& [name, value] : result.at(key).items()) {
    if (value.is_number()) table.set(prefix + name, value);
  }
}

json points_table(const std::string& path, const std::string& text) {
  Table table(path);
  std::vector<std::string> settings;
  std::unordered_set<std::string> known;
  std::int64_t failed = 0;
  table.column("point");
  std::istringstream lines(text);
  std::string line;
  for (std::size_t number = 1; std::getline(lines, line); ++number) {
    if (lines.eof()) break;  // torn
    const json result = parse_strict_json(line, path);
    const bool is_result = result.is_object() && result.contains("point") &&
                           result.contains("status") && result.contains("settings") &&
                           result.at("settings").is_object();
    if (!is_result) refuse_line(path, number);
    if (result.at("status") != "ok") {
      ++failed;
      continue;
    }
    table.begin_row();
    table.set("point", result.at("point"));
    for (const auto& [key, value] : result.at("settings").items()) {
      const json shown = value.is_structured() ? json(value.dump()) : value;
      table.set(key, shown);
      if (known.insert(key).second) settings.push_back(key);
    }
    add_numbers(table, result, "totals", "");
    add_numbers(table, result, "quality", "quality/");
  }
  json points = std::move(table).to_json();
  points["settings"] = settings;
  points["failed"] = failed;
  return points;
}

json csv_table(const std::string& path, const std::string& text) {
  Table table(path);
  std::vector<std::string> names;
  std::istringstream lines(text);
  std::string line;
  const auto cells_of = [](const std::string& row) {
    std::vector<std::string> cells;
    std::istringstream parts(row);
    for (std::string cell; std::getline(parts, cell, ',');) cells.push_back(cell);
    return cells;
  };
  while (std::getline(lines, line)) {
    const std::vector<std::string> cells = cells_of(line);
    if (names.empty()) {
      names = cells;
      continue;
    }
    table.begin_row();
    for (std::size_t i = 0; i < std::min(cells.size(), names.size()); ++i) {
      double number = 0;
      const char* end = cells[i].data() + cells[i].size();
      const auto parsed = std::from_chars(cells[i].data(), end, number);
      table.set(names[i], parsed.ptr == end ? json(number) : json(cells[i]));
    }
  }
  return std::move(table).to_json();
}

/// Nothing for a file of another kind.
std::optional<ResultDocument> load_file(const std::string& path) {
  const auto document = [&](const std::string& kind, json value) {
    return ResultDocument{kind, path, std::make_shared<const json>(std::move(value))};
  };
  const std::string text = read_text_file(path);
  if (path.ends_with(".jsonl")) return document("points", points_table(path, text));
  if (path.ends_with(".csv")) {
    if (!text.starts_with("evaluation,point,generation,front,hypervolume")) return std::nullopt;
    return document("hypervolume", csv_table(path, text));
  }
  json value = parse_strict_json(text, path);
  const std::string kind = kind_of_json(value);
  if (kind.empty()) return std::nullopt;
  return document(kind, std::move(value));
}

std::vector<std::string> files_of_results(const std::string& folder) {
  static const std::regex kName(R"(.*\.json|results(\.\d+-of-\d+)?\.jsonl|hypervolume\.csv)");
  std::vector<std::string> files;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(folder, error)) {
    const std::string name = entry.path().filename().string();
    if (entry.is_regular_file(error) && std::regex_match(name, kName)) {
      files.push_back((fs::path(folder) / name).lexically_normal().string());
    }
  }
  std::sort(files.begin(), files.end());
  return files;
}

}  // namespace

std::vector<ResultDocument> load_results(const std::string& path) {
  constexpr const char* kExpected =
      "no result of run, compare, sweep, explore, train or eval, and no timeline";
  std::error_code error;
  std::vector<ResultDocument> documents;
  if (!fs::is_directory(path, error)) {
    std::optional<ResultDocument> document = load_file(path);
    if (!document) throw InputError({{path, "", kExpected}});
    documents.push_back(std::move(*document));
    return documents;
  }
  for (const std::string& file : files_of_results(path)) {
    std::optional<ResultDocument> document = load_file(file);
    if (document) documents.push_back(std::move(*document));
  }
  if (documents.empty()) throw InputError({{path, "", std::string("holds ") + kExpected}});
  return documents;
}

}  // namespace mxsim
