#include "models/formats/hadamard.h"

#include <bit>
#include <cmath>

#include "models/core/error.h"

namespace mxsim {
namespace {

/// `points` values, `stride` apart; stages of pairs 1, 2, 4, ... apart.
void transform(float* values, std::int64_t stride, int points) {
  for (int half = 1; half < points; half *= 2) {
    for (int i = 0; i < points; ++i) {
      if ((i & half) != 0) continue;
      float& low = values[i * stride];
      float& high = values[(i + half) * stride];
      const float sum = low + high;
      high = low - high;
      low = sum;
    }
  }
  const auto scale = static_cast<float>(1 / std::sqrt(static_cast<double>(points)));
  for (int i = 0; i < points; ++i) values[i * stride] *= scale;
}

}  // namespace

int hadamard_additions(int points) {
  return points > 0 ? std::bit_width(static_cast<unsigned>(points)) - 1 : 0;
}

void transform_hadamard(std::span<float> values, std::int64_t rows, std::int64_t cols,
                        const BlockShape& block, int points) {
  ensure(std::has_single_bit(static_cast<unsigned>(points)), "a Hadamard transform of 2^n points");
  const bool along_rows = block.rows > block.cols;
  const std::int64_t lines = along_rows ? cols : rows;
  const std::int64_t length = along_rows ? rows : cols;
  const std::int64_t stride = along_rows ? cols : 1;
  const std::int64_t pitch = along_rows ? 1 : cols;
  for (std::int64_t line = 0; line < lines; ++line) {
    for (std::int64_t start = 0; start + points <= length; start += points) {
      transform(values.data() + line * pitch + start * stride, stride, points);
    }
  }
}

}  // namespace mxsim
