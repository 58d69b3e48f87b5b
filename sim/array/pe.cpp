#include "sim/array/pe.h"

#include <algorithm>
#include <string>

namespace mxsim {

void PeGrid::clear(std::int64_t used_rows, std::int64_t used_cols) {
  for (std::int64_t i = 0; i < used_rows; ++i) std::fill_n(row(i), used_cols, PeRegisters{});
}

void Pe::trace(sc_core::sc_trace_file& file) {
  const std::string prefix = std::string(name()) + ".";
  const auto add = [&](const Shown& shown, const std::string& label) {
    sc_core::sc_trace(&file, shown.value, prefix + label);
    sc_core::sc_trace(&file, shown.valid, prefix + label + "_valid");
  };
  add(across_, "across");
  add(down_, "down");
  add(active_, "stationary");
  sc_core::sc_trace(&file, sum_, prefix + "partial_sum");
}

void Pe::show(std::int64_t phase, std::int64_t slot) {
  const PeRegisters& registers = this->registers();
  across_ = registers.across[phase];
  down_ = registers.down[phase];
  active_ = registers.active;
  sum_ = grid_.sum_row(slot, row_)[col_].value;
}

}  // namespace mxsim
