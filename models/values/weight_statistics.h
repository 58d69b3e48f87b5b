#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "models/formats/quantization_statistics.h"
#include "models/values/given_parameters.h"
#include "models/workload/shaped_graph.h"

namespace mxsim {

/// What formats do to the weights of one layer's GEMM.
struct WeightStatistics {
  std::string name;  ///< "conv1.weight"; "" for all of the network together
  std::int64_t rows = 0;
  std::int64_t cols = 0;
  std::int64_t elements = 0;
  std::int64_t zeros = 0;  ///< before quantization
  std::vector<QuantizationStatistics> formats;
};

struct NetworkWeightStatistics {
  std::vector<WeightStatistics> layers;  ///< in the order they run
  WeightStatistics all;                  ///< every weight as one tensor
  std::vector<std::string> unknown;      ///< weights without numbers
};

/// The weights of every GEMM of the network as its forward pass multiplies them: 1-D blocks run
/// along the axis that is summed over. Formats that the network states for its layers are left out
/// of account. Throws InputError for numbers of another count than the parameter has.
NetworkWeightStatistics weight_statistics(ShapedGraph graph, const NetworkTensors& weights,
                                          std::span<const FormatSpec> formats);

}  // namespace mxsim
