#pragma once

#include <cstdint>
#include <systemc>
#include <vector>

#include "models/arithmetic/mac.h"
#include "models/dataflow/array_command.h"

namespace mxsim {

/// An operand on its way through the array, with the control bits that travel beside it.
struct FlowRegister {
  ArrayOperand operand;
  std::uint16_t hops = 0;  ///< stationary load: rows still to go
  std::uint8_t group = 0;  ///< os: column tile of the pass
  std::uint8_t flags = 0;

  static constexpr std::uint8_t kValid = 1;
  static constexpr std::uint8_t kFirst = 2;      ///< of its pass
  static constexpr std::uint8_t kLast = 4;       ///< of its pass
  static constexpr std::uint8_t kEndsBlock = 8;  ///< block or pass ends here
  static constexpr std::uint8_t kHole = 16;  ///< stationary load of a column the pass leaves out

  bool has(std::uint8_t flag) const { return (flags & flag) != 0; }
};

/// A finished `os` result on the drain chain.
struct DrainRegister {
  float value = 0.0F;
  bool valid = false;
};

/// Registers of one PE. Two-phase: those written in every step exist twice, [step % 2] is what
/// neighbours read, the other is written.
struct PeRegisters {
  FlowRegister across[2];  ///< streamed operand (ws, is), A (os): hops right
  FlowRegister down[2];    ///< stationary operand on its way or waiting (ws, is), B (os): hops down
  FlowRegister active;     ///< stationary operand in use (ws, is; double buffering)
  bool in_use = false;     ///< a pass is between its first and its last operand
};

/// Registers of all PEs; partial sums apart, by slot, since their number depends on the latency.
struct PeGrid {
  PeGrid(std::int64_t row_count, std::int64_t col_count, std::int64_t latency)
      : rows(row_count),
        cols(col_count),
        mac_latency(latency),
        registers(static_cast<std::size_t>(rows * cols)),
        sums(static_cast<std::size_t>((latency + 1) * rows * cols)),
        drains(static_cast<std::size_t>(latency * rows * cols)) {}

  PeRegisters* row(std::int64_t i) { return registers.data() + i * cols; }
  PartialSum* sum_row(std::int64_t slot, std::int64_t i) {
    return sums.data() + (slot * rows + i) * cols;
  }
  DrainRegister& drain(std::int64_t i, std::int64_t j, std::int64_t group) {
    return drains[static_cast<std::size_t>((j * rows + i) * mac_latency + group)];
  }
  /// Empties the PEs of the first `used_rows` x `used_cols`.
  void clear(std::int64_t used_rows, std::int64_t used_cols);

  std::int64_t rows;
  std::int64_t cols;
  std::int64_t mac_latency;
  std::vector<PeRegisters> registers;
  std::vector<PartialSum> sums;
  std::vector<DrainRegister> drains;
};

/// One processing element: a place in the module hierarchy and its registers. It has no process;
/// the array steps all PEs in one.
class Pe : public sc_core::sc_module {
 public:
  Pe(const sc_core::sc_module_name& name, PeGrid& grid, std::int64_t row, std::int64_t col)
      : sc_module(name), grid_(grid), row_(row), col_(col) {}

  const PeRegisters& registers() const { return grid_.row(row_)[col_]; }

  /// Records the registers in a waveform, as values; call before simulation starts.
  void trace(sc_core::sc_trace_file& file);
  /// Shows the registers that were written last, `phase` of the pairs and `slot` of the sums.
  void show(std::int64_t phase, std::int64_t slot);

 private:
  /// What a waveform shows of a flow register.
  struct Shown {
    float value = 0.0F;
    bool valid = false;

    void operator=(const FlowRegister& from) {
      value = from.operand.value;
      valid = from.has(FlowRegister::kValid);
    }
  };

  PeGrid& grid_;
  std::int64_t row_;
  std::int64_t col_;
  Shown across_;
  Shown down_;
  Shown active_;
  float sum_ = 0.0F;
};

}  // namespace mxsim
