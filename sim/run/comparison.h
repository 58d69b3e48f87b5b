#pragma once

#include <string>
#include <vector>

#include "sim/config/run_config.h"

namespace mxsim {

/// What the compared chips have in common. kPes: the same array; kArea: each format's array fills
/// the silicon of the baseline's chip.
enum class EqualCost : std::uint8_t { kPes, kArea };

struct ComparedConfig {
  std::string label;
  RunConfig config;
};

/// The same work in several formats.
struct Comparison {
  std::vector<ComparedConfig> configs;  ///< at equal PEs
  std::size_t baseline = 0;             ///< place in configs
  EqualCost equal = EqualCost::kPes;
  std::int64_t edge = 1;  ///< kArea: rows and columns are multiples of it
};

/// The configurations with the arrays that equal cost asks for. Throws InputError when the
/// baseline's silicon holds no PE of a format.
std::vector<ComparedConfig> at_equal_cost(const Comparison& comparison);

}  // namespace mxsim
