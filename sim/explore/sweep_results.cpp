#include "sim/explore/sweep_results.h"

#include <fmt/format.h>
#include <re2/re2.h>

#include <algorithm>
#include <filesystem>
#include <fstream>

#include "models/core/error.h"
#include "sim/explore/point_worker.h"
#include "sim/output/output_file.h"
#include "sim/output/output_folder.h"

namespace mxsim {
namespace {

namespace fs = std::filesystem;

/// Files of results of shards in the folder.
std::vector<std::string> shard_files(const std::string& folder) {
  static const RE2 kName(R"(results\.\d+-of-\d+\.jsonl)");
  std::vector<std::string> files;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(folder, error)) {
    const std::string name = entry.path().filename().string();
    if (RE2::FullMatch(name, kName)) files.push_back(folder + "/" + name);
  }
  std::sort(files.begin(), files.end());
  return files;
}

/// What a process that was killed left half written.
void remove_leftovers(const std::string& folder) {
  static const RE2 kName(R"((?:results\..*|\d+\.json)\.[A-Za-z0-9]{6})");
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(folder, error)) {
    if (!RE2::FullMatch(entry.path().filename().string(), kName)) continue;
    std::error_code ignored;
    fs::remove(entry.path(), ignored);
  }
}

/// Every point of a sweep sets the same keys: tables have a column for each.
bool same_keys(const Settings& one, const Settings& other) {
  return std::equal(one.begin(), one.end(), other.begin(), other.end(),
                    [](const Setting& a, const Setting& b) { return a.key == b.key; });
}

}  // namespace

std::string ResultsPlace::lines_path() const {
  if (shard.whole()) return folder + "/results.jsonl";
  return fmt::format("{}/results.{}-of-{}.jsonl", folder, shard.index, shard.count);
}

SweepResults::SweepResults(ResultsPlace place, ResultsStart start, const std::string& hash,
                           std::uint64_t points)
    : place_(std::move(place)) {
  const std::string path = place_.lines_path();
  std::vector<std::string> others;
  if (place_.shard.whole()) others = shard_files(place_.folder);
  if (start == ResultsStart::kNew && (fs::exists(path) || !others.empty())) {
    throw InputError({{others.empty() ? path : others.front(), "",
                       "is there already: --resume goes on with it"}});
  }
  make_folder(place_.folder);
  if (!place_.reports.empty()) make_folder(place_.reports);
  file_ = std::make_unique<ResultsFile>(path);
  if (start == ResultsStart::kNew) return;
  if (place_.shard.whole()) remove_leftovers(place_.folder);
  if (place_.shard.whole() && !place_.reports.empty()) remove_leftovers(place_.reports);
  take_over(path, hash, points);
  for (const std::string& other : others) {
    const std::size_t before = lines_.size();
    take_over(other, hash, points);
    rewrite_ = rewrite_ || lines_.size() != before;
  }
  if (!rewrite_) return;
  std::string text;
  for (const auto& [point, line] : lines_) text += line;
  write_file(path, text);
  file_ = std::make_unique<ResultsFile>(path);
}

void SweepResults::take_over(const std::string& path, const std::string& hash,
                             std::uint64_t points) {
  std::ifstream file(path, std::ios::binary);
  std::string line;
  for (std::size_t number = 1; std::getline(file, line); ++number) {
    if (file.eof()) {
      rewrite_ = true;  // torn
      return;
    }
    take_line(path, number, line, hash, points);
  }
}

void SweepResults::take_line(const std::string& path, std::size_t number, const std::string& line,
                             const std::string& hash, std::uint64_t points) {
  const std::optional<ResultLine> result = read_result_line(line);
  if (!result) {
    throw InputError({{path, "", fmt::format("line {} is no result of a sweep", number)}});
  }
  if (!is_signed_result_line(line)) {
    throw InputError({{path, "", fmt::format("line {} is not as it was written", number)}});
  }
  if (result->sweep != hash || result->point >= points) {
    throw InputError({{path, "",
                       fmt::format("line {} is of another sweep: its files, or the program's "
                                   "version, have changed since",
                                   number)}});
  }
  if (!lines_.empty() && !same_keys(result->settings, get(lines_.begin()->first).settings)) {
    throw InputError(
        {{path, "", fmt::format("line {} has the settings of another sweep", number)}});
  }
  const bool unreported =
      !place_.reports.empty() && !fs::exists(report_path(place_.reports, result->point));
  const bool again =
      result->status == PointStatus::kLost || (result->status == PointStatus::kOk && unreported);
  if (again || !lines_.emplace(result->point, line + "\n").second) rewrite_ = true;
}

void SweepResults::add(const std::string& line) {
  file_->append(line);
  const std::optional<ResultLine> result = read_result_line(line);
  ensure(result.has_value(), "a line of results that cannot be read");
  lines_[result->point] = line;
}

std::vector<ResultLine> SweepResults::sorted() const {
  std::vector<ResultLine> results;
  for (const auto& [point, line] : lines_) results.push_back(*read_result_line(line));
  return results;
}

}  // namespace mxsim
