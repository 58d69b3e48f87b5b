#include "sim/run/compare_report.h"

#include <algorithm>
#include <utility>

#include "models/core/error.h"

namespace mxsim {
namespace {

double saved(double value, double baseline) { return baseline == 0 ? 0 : 1 - value / baseline; }

Saving saving(const RunReport& run, const RunReport& baseline, std::uint64_t seed) {
  const auto moved = [](const RunReport& report) {
    return static_cast<double>((report.dram_read + report.dram_written).count());
  };
  return {Uncertainty(seed).saving(run.energy, baseline.energy), saved(run.time_s, baseline.time_s),
          saved(moved(run), moved(baseline))};
}

}  // namespace

CompareReport compare_runs(std::vector<RunReport> reports, const std::string& baseline,
                           std::uint64_t seed) {
  const auto found = std::find_if(reports.begin(), reports.end(), [&](const RunReport& report) {
    return report.identity.format == baseline;
  });
  ensure(found != reports.end(), "the baseline is not among the compared runs");
  std::vector<Saving> savings;
  std::vector<std::vector<Sensitivity>> sensitivities;
  for (const RunReport& report : reports) {
    savings.push_back(saving(report, *found, seed));
    sensitivities.push_back(&report == &*found ? std::vector<Sensitivity>{}
                                               : sensitivity(report.energy, found->energy));
  }
  CompareReport result{baseline, {}};
  for (std::size_t i = 0; i < reports.size(); ++i) {
    result.runs.push_back({std::move(reports[i]), savings[i], std::move(sensitivities[i])});
  }
  return result;
}

}  // namespace mxsim
