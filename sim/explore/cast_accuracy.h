#pragma once

#include <memory>

#include "sim/config/quality_config.h"
#include "sim/config/run_config.h"

namespace mxsim {

/// Accuracy of trained parameters that are cast to the formats of a run, on the data that a
/// QualityConfig names.
class CastAccuracy {
 public:
  /// Reads parameters and data for the network of this run. Throws InputError that names the file.
  CastAccuracy(const QualityConfig& config, const RunConfig& run);

  /// Share of the labels that the network finds, as `mxsim eval` says. Throws InputError that names
  /// the file for parameters that the network has and the file has not.
  double of(RunConfig run) const;

 private:
  struct Source;
  std::shared_ptr<const Source> source_;
};

}  // namespace mxsim
