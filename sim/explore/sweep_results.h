#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "sim/config/result_line.h"
#include "sim/explore/shard.h"
#include "sim/report/results_file.h"

namespace mxsim {

/// kNew: results that are there already are refused. kResume: they are taken over.
enum class ResultsStart : std::uint8_t { kNew, kResume };

/// Where a sweep's results go.
struct ResultsPlace {
  std::string folder;
  Shard shard;
  std::string reports;  ///< folder of the points' reports; "": none are wanted

  /// FOLDER/results.jsonl, or FOLDER/results.2-of-3.jsonl of a shard.
  std::string lines_path() const;
};

/// The results of a sweep, in its folder from the moment they are known.
class SweepResults {
 public:
  /// Makes the folder. With kResume takes over the lines that are there: those of the shard, or
  /// without a shard those of all shards too. A torn last line, repetitions and points worth
  /// another try are left out. Throws InputError for lines that are none of sweep `hash` with
  /// `points` points.
  SweepResults(ResultsPlace place, ResultsStart start, const std::string& hash,
               std::uint64_t points);

  bool has(std::uint64_t point) const { return lines_.contains(point); }
  /// A point that it has.
  ResultLine get(std::uint64_t point) const { return *read_result_line(lines_.at(point)); }
  std::size_t size() const { return lines_.size(); }
  /// A line of results.jsonl. Throws std::runtime_error when the disk is full.
  void add(const std::string& line);
  /// By point.
  std::vector<ResultLine> sorted() const;

 private:
  void take_over(const std::string& path, const std::string& hash, std::uint64_t points);
  void take_line(const std::string& path, std::size_t number, const std::string& line,
                 const std::string& hash, std::uint64_t points);

  ResultsPlace place_;
  std::map<std::uint64_t, std::string> lines_;  ///< by point
  bool rewrite_ = false;                        ///< the file differs from lines_
  std::unique_ptr<ResultsFile> file_;
};

}  // namespace mxsim
