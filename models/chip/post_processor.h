#pragma once

#include <cstdint>

namespace mxsim {

/// A pipeline beside the lanes of the vector unit: behind one another, each of its stages does one
/// simple operation (addition, multiplication, comparison) on every element that passes. Bias,
/// scale, residual addition, ReLU and pooling are chains of such operations. It takes the vector
/// unit's commands that consist of them where that is faster than the lanes; one of both works at a
/// time.
struct PostProcessor {
  std::int64_t elements_per_cycle = 0;  ///< 0: there is none
  std::int64_t stages = 4;              ///< a longer chain passes several times

  std::int64_t operations_per_cycle() const { return elements_per_cycle * stages; }
};

}  // namespace mxsim
