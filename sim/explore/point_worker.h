#pragma once

#include <optional>
#include <string>

#include "sim/config/document.h"
#include "sim/explore/constraint.h"
#include "sim/explore/point_message.h"
#include "sim/explore/quality.h"
#include "sim/explore/space.h"
#include "sim/report/sweep_report.h"

namespace mxsim {

/// A sweep file that has been read.
struct SweepSource {
  std::string file;
  SweepConfig config;
};

/// Reads the sweep file that the user names. Throws InputError with every fault.
SweepSource load_sweep(const std::string& path);

/// Checks and runs points of a sweep; lives in a worker process. A point is run exactly as
/// `mxsim run` runs the run file with the same keys set.
class PointWorker {
 public:
  /// `reports`: folder for the points' whole reports; "": none are kept.
  PointWorker(const SweepSource& source, std::string reports);

  /// From packed request to packed answer.
  std::string answer(const std::string& request);

  PointCheck check(const Coordinates& at, PointRequest::Ask ask);
  /// kRun or kTry.
  PointOutcome run(const PointRequest& request);

 private:
  RunConfig config(const std::vector<Override>& overrides) const;
  /// None when a constraint forbids it.
  std::optional<RunConfig> allowed(const Coordinates& at);
  PointExtras extras(const Settings& settings, const RunConfig& run);
  PointOutcome simulate(const PointRequest& request, const PointIdentity& identity,
                        const RunConfig& run);
  const RunConfig& base();

  Document base_document_;
  Space space_;
  ConstraintSet constraints_;
  std::string reports_;
  std::vector<std::string> overridden_layers_;
  bool wants_luts_;
  Quality quality_;
  std::optional<RunConfig> base_;
};

/// File of a point's report in the folder of reports.
std::string report_path(const std::string& reports, std::uint64_t point);

}  // namespace mxsim
