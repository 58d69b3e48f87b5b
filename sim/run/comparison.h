#pragma once

#include <optional>
#include <string>
#include <vector>

#include "models/energy/size_space.h"
#include "sim/config/run_config.h"

namespace mxsim {

class RunCache;
struct ParallelJobs;

/// What the compared chips have in common. kPes: the same array; kArray: each format's array fills
/// the silicon of the baseline's chip beside the same buffers; kArea: of the arrays and buffers
/// that fit into that silicon each format, the baseline too, has those with the least
/// energy-delay product.
enum class EqualCost : std::uint8_t { kPes, kArray, kArea };

struct ComparedConfig {
  std::string label;
  RunConfig config;
  std::optional<SizeSearch> sizes = {};  ///< kArea: values are energy-delay products, J s
};

/// The same work in several formats.
struct Comparison {
  std::vector<ComparedConfig> configs;  ///< at equal PEs
  std::size_t baseline = 0;             ///< place in configs
  EqualCost equal = EqualCost::kPes;
  std::int64_t edge = 8;  ///< kArray, kArea: rows and columns are multiples of it
};

/// The comparison with the sizes that equal cost asks for; `cache` runs what a search tries. Throws
/// InputError when the baseline's silicon holds no PE of a format.
Comparison at_equal_cost(const Comparison& comparison, RunCache& cache);
/// The same, the searches of the formats side by side.
Comparison at_equal_cost(const Comparison& comparison, RunCache& cache,
                         const ParallelJobs& side_by_side);

}  // namespace mxsim
