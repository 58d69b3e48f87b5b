#include "sim/run/compare_report.h"

#include <utility>

#include "models/core/error.h"

namespace mxsim {
namespace {

double saved(double value, double baseline) { return baseline == 0 ? 0 : 1 - value / baseline; }

Saving saving(const RunReport& run, const RunReport& baseline, std::uint64_t seed) {
  const auto moved = [](const RunReport& report) {
    return static_cast<double>((report.dram_read + report.dram_written).count());
  };
  return {
      Uncertainty(seed).saving(run.energy, baseline.energy), saved(run.time_s, baseline.time_s),
      saved(moved(run), moved(baseline)),
      saved(run.efficiency.energy_delay_product_js, baseline.efficiency.energy_delay_product_js)};
}

}  // namespace

CompareReport compare_runs(const Comparison& comparison, std::vector<RunReport> reports,
                           std::uint64_t seed) {
  ensure(comparison.baseline < reports.size(), "the baseline is not among the compared runs");
  ensure(reports.size() <= comparison.configs.size(), "more runs than were to be compared");
  CompareReport result{comparison.baseline, comparison.equal, {}, {}};
  const RunReport& baseline = reports[comparison.baseline];
  for (std::size_t i = 0; i < reports.size(); ++i) {
    const bool is_baseline = i == comparison.baseline;
    result.runs.push_back(
        {comparison.configs[i].label, reports[i], saving(reports[i], baseline, seed),
         is_baseline ? std::vector<Sensitivity>{} : sensitivity(reports[i].energy, baseline.energy),
         std::nullopt, comparison.configs[i].sizes});
  }
  return result;
}

}  // namespace mxsim
