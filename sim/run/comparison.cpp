#include "sim/run/comparison.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <exception>
#include <utility>

#include "models/core/reuse.h"
#include "sim/config/silicon.h"
#include "sim/run/run_cache.h"
#include "sim/run/sizes_bytes.h"
#include "sim/workers/dispatcher.h"
#include "sim/workers/forked_workers.h"

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

/// The search of one format in a process of its own, packed; "" where it failed.
std::string searched_sizes(const ComparedConfig& compared, double area_mm2, std::int64_t edge) {
  try {
    RunCache cache;
    return sizes_bytes(*with_best_sizes(compared, area_mm2, edge, cache).sizes);
  } catch (const std::exception&) {
    return "";
  }
}

/// Searches of the formats; nothing of those that failed or were not made.
std::vector<std::optional<SizeSearch>> sizes_ahead(const Comparison& comparison, double area_mm2,
                                                   const ParallelJobs& side_by_side) {
  const std::vector<ComparedConfig>& configs = comparison.configs;
  std::vector<std::optional<SizeSearch>> found(configs.size());
  const std::size_t jobs = std::min(side_by_side.jobs, configs.size());
  if (comparison.equal != EqualCost::kArea || jobs < 2 || !reuses_work()) return found;
  ForkedWorkers workers(jobs, [&](const std::string& place) {
    return searched_sizes(configs[std::stoul(place)], area_mm2, comparison.edge);
  });
  std::size_t done = 0;
  DispatchRules rules{0, nullptr};
  if (side_by_side.progress) rules.pause = [&] { side_by_side.progress(done, configs.size()); };
  const auto place = [](std::size_t index) { return std::to_string(index); };
  dispatch(workers, configs.size(), place, rules, [&](const DispatchResult& result) {
    if (!result.answer || result.answer->empty()) return;
    ++done;
    found[result.index] = sizes_of(*result.answer);
  });
  return found;
}

}  // namespace

Comparison at_equal_cost(const Comparison& comparison, RunCache& cache) {
  return at_equal_cost(comparison, cache, {});
}

Comparison at_equal_cost(const Comparison& comparison, RunCache& cache,
                         const ParallelJobs& side_by_side) {
  Comparison sized = comparison;
  if (comparison.equal == EqualCost::kPes) return sized;
  const double area_mm2 = silicon_mm2(comparison.configs.at(comparison.baseline).config);
  const std::vector<std::optional<SizeSearch>> ahead =
      sizes_ahead(comparison, area_mm2, side_by_side);
  for (std::size_t i = 0; i < sized.configs.size(); ++i) {
    ComparedConfig& each = sized.configs[i];
    if (ahead[i]) {
      each.sizes = ahead[i];
      each.config =
          SizedRun(comparison.configs[i], cache).config(ahead[i]->tried[ahead[i]->best].sizes);
    } else if (comparison.equal == EqualCost::kArea) {
      each = with_best_sizes(each, area_mm2, comparison.edge, cache);
    } else if (i != comparison.baseline) {
      each.config = sized_to_silicon(std::move(each.config), area_mm2, comparison.edge);
    }
  }
  return sized;
}

}  // namespace mxsim
