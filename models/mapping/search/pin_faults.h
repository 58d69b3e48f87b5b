#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "models/mapping/plan/pinned_mapping.h"

namespace mxsim {

/// Pins that name no GEMM, and pinned tiles that do not fit their buffers, by number of the pin.
struct PinFault {
  std::size_t pin = 0;
  std::string message;
};
std::vector<PinFault> pin_faults(const std::vector<PinnedMapping>& pins, const OpList& ops,
                                 const MapperChip& chip);

}  // namespace mxsim
