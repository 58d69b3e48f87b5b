#include "sim/run/comparison.h"

#include <fmt/format.h>

#include <cmath>
#include <utility>

#include "sim/config/silicon.h"
#include "sim/run/run_cache.h"

namespace mxsim {
namespace {

/// Energy-delay product of the run with these sizes; without end where the work does not fit them.
class SizedRun {
 public:
  SizedRun(const ComparedConfig& compared, RunCache& cache) : compared_(compared), cache_(cache) {}

  RunConfig config(const ChipSizes& sizes) const {
    RunConfig config = compared_.config;
    set_sizes(sizes, config.chip.array, config.chip.buffers);
    return config;
  }

  double operator()(const ChipSizes& sizes) const {
    RunConfig tried = config(sizes);
    tried.fidelity = Fidelity::kTile;  // the same cycles and counts
    if (!validate(tried).empty()) return HUGE_VAL;
    try {
      const std::string what = fmt::format("{} {} on {}x{} PEs", tried.workload.name,
                                           compared_.label, sizes.rows, sizes.cols);
      return cache_.run(tried, what).efficiency.energy_delay_product_js;
    } catch (const InputError&) {
      return HUGE_VAL;
    }
  }

 private:
  const ComparedConfig& compared_;
  RunCache& cache_;
};

ComparedConfig with_best_sizes(const ComparedConfig& compared, double area_mm2, std::int64_t edge,
                               RunCache& cache) {
  const SizedRun run(compared, cache);
  ComparedConfig sized = compared;
  sized.sizes = search_sizes(size_space(compared.config, area_mm2, edge), run);
  const ValuedSizes& best = sized.sizes->tried[sized.sizes->best];
  if (best.value == HUGE_VAL) {
    throw InputError(
        fmt::format("{}: the work fits none of the {} chips of {:.3g} mm^2 that were "
                    "tried",
                    compared.label, sized.sizes->tried.size(), area_mm2));
  }
  sized.config = run.config(best.sizes);
  return sized;
}

}  // namespace

Comparison at_equal_cost(const Comparison& comparison, RunCache& cache) {
  Comparison sized = comparison;
  if (comparison.equal == EqualCost::kPes) return sized;
  const double area_mm2 = silicon_mm2(comparison.configs.at(comparison.baseline).config);
  for (std::size_t i = 0; i < sized.configs.size(); ++i) {
    ComparedConfig& each = sized.configs[i];
    if (comparison.equal == EqualCost::kArea) {
      each = with_best_sizes(each, area_mm2, comparison.edge, cache);
    } else if (i != comparison.baseline) {
      each.config = sized_to_silicon(std::move(each.config), area_mm2, comparison.edge);
    }
  }
  return sized;
}

}  // namespace mxsim
