#include "models/dram/frfcfs_spec.h"

#include <fmt/format.h>

namespace mxsim {

std::vector<Diagnostic> validate(const FrfcfsSpec& spec) {
  std::vector<Diagnostic> faults;
  if (spec.high_writes > spec.window) {
    faults.push_back(
        {"", "/high_writes",
         fmt::format("got {}, expected at most the window, {}", spec.high_writes, spec.window)});
  }
  if (spec.low_writes >= spec.high_writes) {
    faults.push_back({"", "/low_writes",
                      fmt::format("got {}, expected less than high_writes, {}", spec.low_writes,
                                  spec.high_writes)});
  }
  return faults;
}

}  // namespace mxsim
