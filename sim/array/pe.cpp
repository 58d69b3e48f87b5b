#include "sim/array/pe.h"

#include <cmath>
#include <string>

namespace mxsim {

void Pe::Shown::set(const FlowControl& control, const ArrayOperand& operand,
                    const OperandDecoder& decoder) {
  valid = control.has(FlowControl::kValid);
  code = operand.code;
  mode = decoder.mode(operand.code);
  block_exponent = std::isfinite(operand.scale) ? std::ilogb(operand.scale) : 0;
  value = decoder.decode(operand).value;
}

void Pe::trace(sc_core::sc_trace_file& file) {
  const std::string prefix = std::string(name()) + ".";
  const auto add = [&](const Shown& shown, const std::string& label) {
    sc_core::sc_trace(&file, shown.code, prefix + label + "_code");
    sc_core::sc_trace(&file, shown.mode, prefix + label + "_mode");
    sc_core::sc_trace(&file, shown.block_exponent, prefix + label + "_block_exponent");
    sc_core::sc_trace(&file, shown.value, prefix + label);
    sc_core::sc_trace(&file, shown.valid, prefix + label + "_valid");
  };
  add(across_, "across");
  add(down_, "down");
  add(active_, "stationary");
  sc_core::sc_trace(&file, part_, prefix + "exact_part");
  sc_core::sc_trace(&file, sum_, prefix + "partial_sum");
}

template <int kDot>
void Pe::show_registers(const ArrayEngine& engine) {
  PeGrid& grid = engine.registers();
  const PeRegisters<kDot>& registers = grid.row<kDot>(row_)[col_];
  const auto written = static_cast<std::size_t>(engine.steps() % 2);
  const auto& across = registers.across[written];
  across_.set(across, across.operand[0], engine.across_decoder());
  down_.set(registers.down[written], registers.down[written].operand[0], engine.down_decoder());
  active_.set(registers.active, registers.active.operand[0], engine.down_decoder());
  const PartialSum& sum = grid.sum_row(engine.sum_slot(across), row_)[col_];
  sum_ = sum.value;
  part_ = sum.block;
}

template <int kDot>
bool Pe::has_operands(const ArrayEngine& engine) const {
  const PeRegisters<kDot>& registers = engine.registers().row<kDot>(row_)[col_];
  const auto written = static_cast<std::size_t>(engine.steps() % 2);
  return registers.across[written].has(FlowControl::kValid) ||
         registers.down[written].has(FlowControl::kValid);
}

bool Pe::reached(const ArrayEngine& engine) const {
  return engine.registers().is_wide() ? has_operands<kWidestDotProduct>(engine)
                                      : has_operands<1>(engine);
}

void Pe::show(const ArrayEngine& engine) {
  if (engine.registers().is_wide()) {
    show_registers<kWidestDotProduct>(engine);
  } else {
    show_registers<1>(engine);
  }
}

}  // namespace mxsim
