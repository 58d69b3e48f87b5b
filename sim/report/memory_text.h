#pragma once

#include <cstddef>
#include <string>

#include "models/mapping/memory/memory_use.h"
#include "models/mapping/network_choice.h"

namespace mxsim {

/// How full every memory was at most, on one line.
std::string memory_line(const MemoryUse& memory, const NetworkChoice& choice);

/// What the bytes were for in each memory's fullest moment, and the most of each class in DRAM.
std::string memory_table(const MemoryUse& memory, std::size_t width);

}  // namespace mxsim
