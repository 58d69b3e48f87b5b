#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "models/dram/dram_device.h"

namespace mxsim {

/// "row:3"; nothing when the field is unknown or the number is none.
std::optional<AddressBit> address_bit(std::string_view text);

/// Bits with ^ between them; an empty text stands for none.
std::optional<std::vector<AddressBit>> address_bits(std::string_view text);

}  // namespace mxsim
