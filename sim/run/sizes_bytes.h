#pragma once

#include <string>

#include "models/energy/size_space.h"

namespace mxsim {

/// A search of sizes on its way from one process to another of the same program.
std::string sizes_bytes(const SizeSearch& search);
SizeSearch sizes_of(const std::string& bytes);

}  // namespace mxsim
