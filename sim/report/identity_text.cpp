#include "sim/report/identity_text.h"

#include <fmt/format.h>

namespace mxsim {

std::string batch_text(const RunIdentity& identity) {
  const std::int64_t steps = identity.gradient_accumulation_steps;
  return fmt::format("batch {}{}", identity.batch,
                     steps > 1 ? fmt::format(" in {} micro-batches", steps) : "");
}

std::string array_text(const RunIdentity& identity) {
  const ArrayGrid& grid = identity.array_grid;
  return fmt::format("{}{}x{}",
                     grid.arrays() > 1 ? fmt::format("{}x{} of ", grid.rows, grid.cols) : "",
                     identity.array_rows, identity.array_cols);
}

}  // namespace mxsim
