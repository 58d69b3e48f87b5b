#pragma once

#include <cstddef>
#include <cstdint>

#include "models/core/rng.h"

namespace mxsim {

/// The words that stochastic rounding draws from a seed: word i belongs to element i of the matrix,
/// whoever rounds it and when.
class RandomWords {
 public:
  explicit RandomWords(std::uint64_t seed) : rng_(seed, "stochastic rounding") {}
  std::uint16_t operator[](std::size_t element) const {
    return static_cast<std::uint16_t>(rng_.bits(element) >> 48);
  }

 private:
  CounterRng rng_;
};

}  // namespace mxsim
