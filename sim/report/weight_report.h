#pragma once

#include <string>
#include <vector>

#include "models/formats/format_spec.h"
#include "models/values/weight_statistics.h"

namespace mxsim {

struct WeightReport {
  std::string network;
  std::vector<FormatSpec> formats;
  NetworkWeightStatistics statistics;
};

/// SQNR and zeros of each layer's weights in each format; the last row is the network.
std::string weight_text(const WeightReport& report, std::size_t width);
std::string weight_json(const WeightReport& report);

}  // namespace mxsim
