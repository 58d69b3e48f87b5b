#include "sim/array/pe.h"

#include <algorithm>

namespace mxsim {

void PeGrid::clear(std::int64_t used_rows, std::int64_t used_cols) {
  for (std::int64_t i = 0; i < used_rows; ++i) std::fill_n(row(i), used_cols, PeRegisters{});
}

}  // namespace mxsim
