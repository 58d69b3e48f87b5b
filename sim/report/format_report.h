#pragma once

#include <string>
#include <vector>

#include "models/formats/layout.h"
#include "models/formats/quantization_statistics.h"

namespace mxsim {

/// [{"name", "element_bits", "sign", "binades", "largest", ...}], one entry a format.
std::string formats_json(const std::vector<FormatSpec>& formats);
std::string formats_text(const std::vector<FormatSpec>& formats);

/// What was quantized and how; goes into the report beside the statistics.
struct QuantizationSummary {
  std::string input;
  DataLayout layout;
  std::int64_t rows = 0;
  std::int64_t cols = 0;
  std::string rounding;
  QuantizationStatistics statistics;
};

std::string quantize_json(const QuantizationSummary& summary);
std::string quantize_text(const QuantizationSummary& summary);

}  // namespace mxsim
