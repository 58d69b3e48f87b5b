#pragma once

#include <string>
#include <vector>

#include "sim/config/result_line.h"

namespace mxsim {

inline constexpr std::size_t kPipeWidth = 80;

/// What a sweep is going to do.
struct PlannedRow {
  Settings settings;
  double seconds = 0;              ///< estimated, on one core
  std::int64_t dram_bytes = 0;     ///< of its tensors
  std::int64_t dram_capacity = 0;  ///< of its device

  bool fits() const { return dram_bytes <= dram_capacity; }
};
struct DryRun {
  std::string hash;
  std::vector<PlannedRow> points;
  std::size_t jobs = 1;
};
std::string dry_run_text(const DryRun& plan, std::size_t width = kPipeWidth);
std::string dry_run_json(const DryRun& plan);

/// What a sweep has done.
struct SweepSummary {
  std::string hash;
  std::string file;  ///< of the results
  std::uint64_t points = 0;
  std::vector<Objective> objectives;
  std::vector<ResultLine> results;
  std::vector<bool> front;  ///< by result

  std::size_t count(PointStatus status) const;
};
std::string sweep_text(const SweepSummary& summary, std::size_t width = kPipeWidth);
std::string sweep_json(const SweepSummary& summary);

}  // namespace mxsim
