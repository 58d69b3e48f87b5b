#include "sim/run/fpga_run.h"

#include "models/workload/lower.h"

namespace mxsim {

std::optional<FpgaCost> fpga_cost(const RunConfig& config) {
  if (config.generate > 0) return std::nullopt;
  const OpList ops = lower(config.workload, lowering_policy(config));
  return fpga_cost(config.chip.array, config.chip.buffers, formats_in_use(ops), longest_sum(ops));
}

}  // namespace mxsim
