#pragma once

#include <cstdint>

#include "models/dataflow/array_command.h"

namespace mxsim {

inline constexpr std::int64_t kPartialSumBits = 32;

/// Words that a vector takes which begins at the start of a word.
constexpr std::int64_t vector_words(std::int64_t elements, std::int64_t bits,
                                    std::int64_t word_bits) {
  return ceil_div(elements * bits, word_bits);
}

/// Element reads and writes of one command at the array's border.
struct BorderElements {
  std::int64_t a_reads = 0;
  std::int64_t b_reads = 0;
  std::int64_t sum_writes = 0;
  std::int64_t sum_reads = 0;
};

/// Enters the elements as events and as payload bytes.
void count_border(const ArrayPorts& ports, const BorderElements& elements, ArrayCost& cost);

}  // namespace mxsim
