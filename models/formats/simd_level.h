#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

namespace mxsim {

/// Instruction sets that the cast kernels are compiled for. Results are the same bits on each.
enum class SimdLevel : std::uint8_t { kScalar, kAvx2, kAvx512 };

std::string_view to_string(SimdLevel level);
/// Those that this processor has, slowest first; always kScalar.
std::vector<SimdLevel> available_simd_levels();

}  // namespace mxsim
