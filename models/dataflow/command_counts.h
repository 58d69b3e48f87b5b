#pragma once

#include <cstdint>

#include "models/dataflow/array_command.h"

namespace mxsim {

struct PortWidth {
  std::int64_t element_bits;
  std::int64_t word_bits;
};

inline PortWidth a_port(const ArrayPorts& ports) {
  return {ports.a_element_bits, ports.a_word_bits};
}
inline PortWidth b_port(const ArrayPorts& ports) {
  return {ports.b_element_bits, ports.b_word_bits};
}
inline PortWidth c_port(const ArrayPorts& ports) {
  return {ports.c_element_bits, ports.c_word_bits};
}

/// Words that a vector takes which begins at the start of a word.
constexpr std::int64_t vector_words(std::int64_t elements, PortWidth port) {
  return ceil_div(elements * port.element_bits, port.word_bits);
}

/// Words of `k` reduction elements of `lanes` rows or columns that enter in vectors of `dot`
/// elements a lane.
constexpr std::int64_t reduction_words(std::int64_t k, std::int64_t dot, std::int64_t lanes,
                                       PortWidth port) {
  return k / dot * vector_words(lanes * dot, port) + vector_words(lanes * (k % dot), port);
}

/// The cycles of a command that ends after `cycles` and makes so many array steps; without slow
/// loads it would make `unhindered`.
void set_cycles(ArrayCost& cost, std::int64_t steps, std::int64_t unhindered, Cycles interval,
                Cycles cycles);

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
