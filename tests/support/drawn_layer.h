#pragma once

#include <string>

#include "models/formats/format_parser.h"
#include "models/ptq/ptq_layer.h"

namespace mxsim::testing {

/// Inputs of a layer to be quantized, and the layer that has seen them.
struct DrawnLayer {
  RowMatrix x;  ///< of the wide network: positions x reduction
  RowMatrix y;  ///< of the quantized one
  PtqLayer layer;
};

struct DrawnSize {
  std::int64_t reduction = 16;
  std::int64_t outputs = 8;
  std::int64_t positions = 200;
  double noise = 0;  ///< deviation of y from x
};

/// One group; rectified, correlated inputs; blocks of the format along the reduction.
DrawnLayer drawn_layer(std::uint64_t seed, const std::string& format, const DrawnSize& size);

/// Squares of x w - y q, summed directly.
double direct_noise(const DrawnLayer& drawn, const RowMatrix& quantized);

}  // namespace mxsim::testing
