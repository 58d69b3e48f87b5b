#pragma once

#include <cstdint>

namespace mxsim {

/// Tensors that are kept on the chip begin at multiples of so many bytes.
inline constexpr std::int64_t kKeptAlignment = 64;

}  // namespace mxsim
