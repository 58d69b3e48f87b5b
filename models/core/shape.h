#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace mxsim {

/// a * b, or nothing when it leaves int64.
std::optional<std::int64_t> checked_mul(std::int64_t a, std::int64_t b);
/// a * b for sizes that validation has bounded; throws InternalError when it leaves int64.
std::int64_t exact_mul(std::int64_t a, std::int64_t b);

/// Extents of a tensor, outermost first. Images are N, C, H, W in traces.
using Shape = std::vector<std::int64_t>;

/// Product of the extents (1 for a scalar), or nothing when it leaves int64.
std::optional<std::int64_t> checked_elements(const Shape& shape);
/// Product of the extents; throws InternalError on overflow.
std::int64_t elements(const Shape& shape);
std::string to_string(const Shape& shape);  ///< "8x64x56x56"

}  // namespace mxsim
