#pragma once

#include <cstdint>

namespace mxsim {

/// Rows and columns of results that the GEMM kernels add at a time.
inline constexpr std::int64_t kPackedRows = 8;
inline constexpr std::int64_t kPackedCols = 8;

}  // namespace mxsim
