#pragma once

#include <cstdint>

#include "models/arithmetic/lanes.h"
#include "models/dataflow/array_command.h"

namespace mxsim {

/// Control bits that travel beside the operands of a register.
struct FlowControl {
  std::uint16_t part_ends = 0;  ///< bit e: an exact part of the sum ends with element e
  std::uint16_t hops = 0;       ///< stationary load: rows still to go; else the pass's low bits
  std::uint8_t count = 0;       ///< elements of the dot product in this step
  std::uint8_t group = 0;       ///< os: column tile of the pass
  std::uint8_t flags = 0;

  static constexpr std::uint8_t kValid = 1;
  static constexpr std::uint8_t kFirst = 2;      ///< of its pass
  static constexpr std::uint8_t kLast = 4;       ///< of its pass
  static constexpr std::uint8_t kEndsChunk = 8;  ///< with the last element
  static constexpr std::uint8_t kHole = 16;  ///< stationary load of a column the pass leaves out

  bool has(std::uint8_t flag) const { return (flags & flag) != 0; }
  SumEnds ends(int element) const {
    return {(part_ends >> element & 1) != 0, has(kEndsChunk) && element == count - 1};
  }
};

/// Operands on their way through the array, as stored: codes and block scales. kDot: most elements
/// of one step.
template <int kDot>
struct FlowRegister : FlowControl {
  ArrayOperand operand[kDot];
};

/// Registers of one PE. Two-phase: those written in every step exist twice, [step % 2] is what
/// neighbours read, the other is written.
template <int kDot>
struct PeRegisters {
  FlowRegister<kDot> across[2];  ///< streamed operand (ws, is), A (os): hops right
  FlowRegister<kDot> down[2];    ///< stationary one on its way or waiting (ws, is), B (os)
  FlowRegister<kDot> active;     ///< stationary operand in use (ws, is; double buffering)
  bool in_use = false;           ///< a pass is between its first and its last operand
};

}  // namespace mxsim
