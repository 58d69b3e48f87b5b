#pragma once

#include <string>
#include <vector>

#include "models/chip/chip_spec.h"

namespace mxsim {

/// A rule between several members of an array that does not hold.
struct ArrayFault {
  std::string key;  ///< in configurations; on the command line with '-' for '_'
  std::string message;
};

/// Accumulator widths and chunks belong to their kinds, chunks hold whole dot products, rows of
/// dot products are in order.
std::vector<ArrayFault> array_faults(const ArraySpec& array);

}  // namespace mxsim
