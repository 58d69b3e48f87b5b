#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "models/energy/fpga_cost.h"
#include "sim/config/result_line.h"
#include "sim/run/run_report.h"

namespace mxsim {

/// Which point of which sweep a line is of.
struct PointIdentity {
  std::uint64_t point = 0;
  std::string sweep;
  Settings settings;
};

/// What a sweep knows of a point beside its run.
struct PointExtras {
  Settings layer_formats;          ///< pattern and format of each layer that an axis decides
  std::optional<double> noise;     ///< QualityConfig
  std::optional<double> sqnr_db;   ///< the weighted layers' mean
  std::optional<double> accuracy;  ///< of a direct cast, measured
  std::optional<FpgaCost> fpga;    ///< of formats that it adds without loss
};

/// Lines of results.jsonl, each with its newline; read_result_line() reads them.
std::string result_line(const PointIdentity& identity, const RunReport& report,
                        const PointExtras& extras = {});
std::string failure_line(const PointIdentity& identity, const std::string& error,
                         PointStatus status);

/// Rows in the order of `results`; `front` says which of them are on the front.
std::string results_csv(const std::vector<ResultLine>& results, const std::vector<bool>& front);

}  // namespace mxsim
