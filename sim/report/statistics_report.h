#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "sim/output/output_set.h"
#include "sim/train/epoch_statistics.h"

namespace mxsim {

/// Casts of several formats, `source` ("seed", "weights") being the name of MeasuredCasts::source.
struct StatisticsReport {
  std::string workload;
  std::string config_hash;
  std::string source;
  std::int64_t every = 0;  ///< training steps from one that is counted to the next; 0: all batches
  std::vector<FormatStatistics> formats;
};

/// statistics.json. `zeros` of a format is what a run file's /zeros takes: shares over all parts.
nlohmann::ordered_json to_json(const StatisticsReport& report);
/// A line for every operand of every part.
std::string statistics_csv(const StatisticsReport& report);
/// A line for every bin of the magnitudes before the casts.
std::string histograms_csv(const StatisticsReport& report);

/// statistics.json, statistics.csv and histograms.csv of the folder.
std::vector<std::string> statistics_files(const std::string& folder);
/// Adds them.
void write_statistics(OutputSet& files, const std::string& folder, const StatisticsReport& report);

}  // namespace mxsim
