#pragma once

#include <string>
#include <vector>

#include "sim/run/run_report.h"

namespace mxsim {

/// What a run saves against the baseline, as a share of the baseline's.
struct Saving {
  Band energy;
  double time = 0;
  double dram_bytes = 0;
};

struct ComparedRun {
  RunReport report;
  Saving saving;
  std::vector<Sensitivity> sensitivity;  ///< of the energy saving; empty for the baseline
};

/// The same work in several formats.
struct CompareReport {
  std::string baseline;  ///< format
  std::vector<ComparedRun> runs;
};

/// `baseline` is one of the reports' formats.
CompareReport compare_runs(std::vector<RunReport> reports, const std::string& baseline,
                           std::uint64_t seed);

}  // namespace mxsim
