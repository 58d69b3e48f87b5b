#pragma once

#include <cstdint>
#include <systemc>

#include "sim/array/array_engine.h"
#include "sim/array/pe_grid.h"

namespace mxsim {

/// One processing element: a place in the module hierarchy and its registers. It has no process;
/// the array steps all PEs in one.
class Pe : public sc_core::sc_module {
 public:
  Pe(const sc_core::sc_module_name& name, std::int64_t row, std::int64_t col)
      : sc_module(name), row_(row), col_(col) {}

  /// Records the registers in a waveform: codes as they travel, what the decoder makes of them, and
  /// the partial sum. Of a dot product the first element is shown. Call before simulation starts.
  void trace(sc_core::sc_trace_file& file);
  /// Whether `engine` has anything in this PE after its last step.
  bool reached(const ArrayEngine& engine) const;
  /// Shows the registers that `engine` wrote in its last step.
  void show(const ArrayEngine& engine);

 private:
  /// What a waveform shows of a flow register.
  struct Shown {
    std::uint32_t code = 0;
    int mode = 0;
    int block_exponent = 0;
    float value = 0.0F;
    bool valid = false;

    void set(const FlowControl& control, const ArrayOperand& operand,
             const OperandDecoder& decoder);
  };
  template <int kDot>
  bool has_operands(const ArrayEngine& engine) const;
  template <int kDot>
  void show_registers(const ArrayEngine& engine);

  std::int64_t row_;
  std::int64_t col_;
  Shown across_;
  Shown down_;
  Shown active_;
  float sum_ = 0.0F;
  std::int64_t part_ = 0;
};

}  // namespace mxsim
