#include "models/formats/simd_level.h"

#include <array>

namespace mxsim {

std::string_view to_string(SimdLevel level) {
  constexpr std::array<std::string_view, 3> kNames{"scalar", "avx2", "avx512"};
  return kNames[static_cast<std::size_t>(level)];
}

std::vector<SimdLevel> available_simd_levels() {
  std::vector<SimdLevel> levels{SimdLevel::kScalar};
#if defined(__x86_64__)
  if (__builtin_cpu_supports("avx2")) levels.push_back(SimdLevel::kAvx2);
  if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
      __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512dq")) {
    levels.push_back(SimdLevel::kAvx512);
  }
#endif
  return levels;
}

}  // namespace mxsim
