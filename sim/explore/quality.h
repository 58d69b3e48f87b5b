#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "models/formats/layout.h"
#include "models/workload/layer_pattern.h"
#include "sim/config/quality_config.h"
#include "sim/config/run_config.h"
#include "sim/explore/cast_accuracy.h"
#include "sim/report/sweep_report.h"

namespace mxsim {

/// Power of the quantization error over that of the values, for 256 x 256 seeded Gaussian numbers
/// (mean 0, deviation 1). 0: exact.
double gaussian_noise(const DataLayout& layout);

/// Tells any two of them apart.
std::string text_of(const QualityConfig& config);

/// The noise of a run's formats; see QualityConfig. Remembers what it has measured.
class Quality {
 public:
  explicit Quality(QualityConfig config);

  bool wanted() const { return !config_.layers.empty(); }
  bool measures_accuracy() const { return !config_.weights.empty(); }
  /// Reads weights and data for the network of this run, once. Throws InputError that names the
  /// file.
  void load(const RunConfig& run);
  /// Sets the noise and, unless it is 0 or no layer has a weight, the SQNR; and the accuracy.
  void measure(const RunConfig& run, PointExtras& extras);

 private:
  const LayerQualityConfig* find(const std::string& layer) const;
  double operand_noise(const LayerQualityConfig& layer, const FormatSpec& format, BlockShape block);

  QualityConfig config_;
  std::vector<LayerPattern> patterns_;  ///< of config_.layers
  std::map<std::string, double> measured_;
  std::optional<CastAccuracy> accuracy_;
};

}  // namespace mxsim
