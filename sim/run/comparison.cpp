#include "sim/run/comparison.h"

#include "sim/run/silicon.h"

namespace mxsim {

std::vector<ComparedConfig> at_equal_cost(const Comparison& comparison) {
  std::vector<ComparedConfig> configs = comparison.configs;
  if (comparison.equal == EqualCost::kPes) return configs;
  const double area_mm2 = silicon_mm2(configs.at(comparison.baseline).config);
  for (std::size_t i = 0; i < configs.size(); ++i) {
    if (i == comparison.baseline) continue;
    configs[i].config = sized_to_silicon(std::move(configs[i].config), area_mm2, comparison.edge);
  }
  return configs;
}

}  // namespace mxsim
