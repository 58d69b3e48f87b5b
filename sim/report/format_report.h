#pragma once

#include <string>
#include <vector>

#include "models/energy/technology_table.h"
#include "models/formats/layout.h"
#include "models/formats/quantization_statistics.h"

namespace mxsim {

/// What a list of formats is drawn up for.
struct FormatListing {
  std::vector<FormatSpec> formats;
  TechnologyTable technology;  ///< prices the PEs
  std::int64_t terms = 32;     ///< products of the dot products whose widths are given
};

/// [{"name", "element_bits", "sign", "binades", "largest", ..., "pe"}], one entry a format. "pe"
/// has the cost of a PE that multiplies two such elements, by accumulator; null where block sums of
/// the format cannot be exact integers.
std::string formats_json(const FormatListing& listing);
std::string formats_text(const FormatListing& listing, std::size_t width);

/// What was quantized and how; goes into the report beside the statistics.
struct QuantizationSummary {
  std::string input;
  DataLayout layout;
  std::int64_t rows = 0;
  std::int64_t cols = 0;
  std::int64_t blocks = 0;  ///< 0: no block scale
  double tensor_scale = 1;  ///< of formats that have one
  std::string rounding;
  QuantizationStatistics statistics;
};

std::string quantize_json(const QuantizationSummary& summary);
std::string quantize_text(const QuantizationSummary& summary, std::size_t width);

}  // namespace mxsim
