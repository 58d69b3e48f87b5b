#pragma once

#include <vector>

#include "models/dram/dram_device.h"

namespace mxsim {

/// Faults of a device's hashes; its organisation and address map are valid.
std::vector<Diagnostic> hash_faults(const DramDevice& device);

/// The hash of the low `bits` bits of a number.
AddressHash low_bits(AddressHash hash, int bits);

}  // namespace mxsim
