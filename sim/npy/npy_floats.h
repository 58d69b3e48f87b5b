#pragma once

#include <vector>

#include "sim/npy/npy_array.h"

namespace mxsim {

/// How float64 becomes float32; kToOdd: see round_to_odd().
enum class Float64Rounding : std::uint8_t { kNearestEven, kToOdd };

/// The elements as float32; float16 is exact. Throws InputError with `path` for integers.
std::vector<float> to_floats(const NpyArray& array, const std::string& path,
                             Float64Rounding rounding);

/// The words of a uint16 array; throws InputError with `path` for other types.
std::vector<std::uint16_t> to_words(const NpyArray& array, const std::string& path);

}  // namespace mxsim
