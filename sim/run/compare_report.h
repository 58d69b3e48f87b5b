#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "sim/run/comparison.h"
#include "sim/run/run_report.h"

namespace mxsim {

/// What a run saves against the baseline, as a share of the baseline's.
struct Saving {
  Band energy;
  double time = 0;
  double dram_bytes = 0;
  double energy_delay = 0;
};

/// Share of labelled samples that are found, with its 95 % interval.
struct MeasuredAccuracy {
  double mean = 0;
  double low = 0;
  double high = 0;
  std::int64_t samples = 0;
};

struct ComparedRun {
  std::string label;  ///< format as the user named it
  RunReport report;
  Saving saving;
  std::vector<Sensitivity> sensitivity;  ///< of the energy saving; empty for the baseline
  /// Of given weights in inference, where data were given.
  std::optional<MeasuredAccuracy> accuracy = {};
  std::optional<SizeSearch> sizes = {};  ///< as ComparedConfig::sizes
};

/// What becomes of the energy savings when one assumption alone is another.
struct AssumptionEffect {
  std::string name;
  std::string setting;
  std::vector<Band> savings;  ///< as CompareReport::runs; empty when refused
  double effect = 0;          ///< largest change of a saving
  std::string refused;        ///< why the changed work cannot be run, else ""
};

/// The same work in several formats.
struct CompareReport {
  std::size_t baseline = 0;  ///< place in runs
  EqualCost equal = EqualCost::kPes;
  std::vector<ComparedRun> runs;
  std::vector<AssumptionEffect> assumptions;  ///< by falling effect; empty when not asked for

  const ComparedRun& baseline_run() const { return runs.at(baseline); }
};

/// `reports` are those of the comparison's configurations, or of the first of them (a comparison
/// that was interrupted), the baseline among them.
CompareReport compare_runs(const Comparison& comparison, std::vector<RunReport> reports,
                           std::uint64_t seed);

}  // namespace mxsim
