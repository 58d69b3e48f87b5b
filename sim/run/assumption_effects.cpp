#include "sim/run/assumption_effects.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <optional>

#include "models/core/error.h"
#include "sim/config/field_lister.h"
#include "sim/run/assumption_table.h"

namespace mxsim {
namespace {

bool same(const Comparison& a, const Comparison& b) {
  if (a.equal != b.equal) return false;
  return std::equal(a.configs.begin(), a.configs.end(), b.configs.begin(), b.configs.end(),
                    [](const ComparedConfig& x, const ComparedConfig& y) {
                      return canonical_text(x.config) == canonical_text(y.config);
                    });
}

void require_valid(const Comparison& comparison) {
  for (const ComparedConfig& compared : comparison.configs) {
    std::vector<Diagnostic> faults = validate(compared.config);
    if (!faults.empty()) throw InputError(std::move(faults));
  }
}

class Effects {
 public:
  Effects(const Comparison& comparison, RunCache& cache, CompareReport& report)
      : comparison_(comparison),
        cache_(cache),
        report_(report),
        uncertainty_(comparison.configs.front().config.seed) {}

  void add_prices();
  void add(const Assumption& assumption);
  /// The runs of all rows.
  std::vector<RunConfig> runs();
  /// Rows whose runs are known.
  void add_finished();
  void sort();

 private:
  std::vector<Band> savings(const std::vector<EnergyBreakdown>& energies) const;
  std::vector<Band> savings(const Comparison& changed, const std::string& what);
  /// The configurations of a row; empty where it changes nothing or is refused.
  std::vector<RunConfig> runs_of(const Assumption& assumption);
  void keep(AssumptionEffect effect);

  const Comparison& comparison_;
  RunCache& cache_;
  CompareReport& report_;
  Uncertainty uncertainty_;
};

std::vector<Band> Effects::savings(const std::vector<EnergyBreakdown>& energies) const {
  std::vector<Band> bands;
  for (const EnergyBreakdown& energy : energies) {
    bands.push_back(uncertainty_.saving(energy, energies[comparison_.baseline]));
  }
  return bands;
}

std::vector<Band> Effects::savings(const Comparison& changed, const std::string& what) {
  require_valid(changed);
  std::vector<EnergyBreakdown> energies;
  for (const ComparedConfig& compared : at_equal_cost(changed, cache_).configs) {
    energies.push_back(cache_.run(compared.config, what + ", " + compared.label).energy);
  }
  return savings(energies);
}

void Effects::keep(AssumptionEffect effect) {
  for (std::size_t i = 0; i < effect.savings.size(); ++i) {
    const double change = effect.savings[i].value - report_.runs[i].saving.energy.value;
    effect.effect = std::max(effect.effect, std::abs(change));
  }
  if (effect.effect == 0 && effect.refused.empty()) return;
  report_.assumptions.push_back(std::move(effect));
}

void Effects::add_prices() {
  std::map<std::string, Factor> factors;
  for (const ComparedRun& run : report_.runs) {
    for (const Sensitivity& each : run.sensitivity) factors.emplace(each.factor.name, each.factor);
  }
  for (const auto& [name, factor] : factors) {
    for (const double multiplier : {factor.low, factor.high}) {
      std::vector<EnergyBreakdown> energies;
      for (const ComparedRun& run : report_.runs) {
        energies.push_back(with_factor(run.report.energy, name, multiplier));
      }
      keep({"price: " + name, fmt::format("x {:.3g}", multiplier), savings(energies), 0, ""});
    }
  }
}

void Effects::add(const Assumption& assumption) {
  AssumptionEffect effect{assumption.name, assumption.setting, {}, 0, ""};
  try {
    Comparison changed = comparison_;
    assumption.change(changed);
    if (same(changed, comparison_)) return;
    effect.savings = savings(changed, assumption.name + ": " + assumption.setting);
  } catch (const InputError& error) {
    effect.refused = error.diagnostics().front().message;
  }
  keep(std::move(effect));
}

std::vector<RunConfig> Effects::runs_of(const Assumption& assumption) {
  std::vector<RunConfig> runs;
  try {
    Comparison changed = comparison_;
    assumption.change(changed);
    if (same(changed, comparison_)) return runs;
    require_valid(changed);
    for (ComparedConfig& each : at_equal_cost(changed, cache_).configs) {
      runs.push_back(std::move(each.config));
    }
  } catch (const InputError&) {  // add() tells it
    runs.clear();
  }
  return runs;
}

std::vector<RunConfig> Effects::runs() {
  std::vector<RunConfig> all;
  for (const Assumption& assumption : assumption_table()) {
    for (RunConfig& run : runs_of(assumption)) all.push_back(std::move(run));
  }
  return all;
}

void Effects::add_finished() {
  for (const Assumption& assumption : assumption_table()) {
    const std::vector<RunConfig> runs = runs_of(assumption);
    const bool finished = std::all_of(runs.begin(), runs.end(),
                                      [&](const RunConfig& run) { return cache_.knows(run); });
    if (finished) add(assumption);
  }
}

void Effects::sort() {
  std::stable_sort(
      report_.assumptions.begin(), report_.assumptions.end(),
      [](const AssumptionEffect& a, const AssumptionEffect& b) { return a.effect > b.effect; });
}

}  // namespace

void add_assumption_effects(const Comparison& comparison, RunCache& cache, CompareReport& report,
                            const ParallelJobs& side_by_side) {
  ensure(report.runs.size() == comparison.configs.size(), "assumptions of unfinished runs");
  Effects effects(comparison, cache, report);
  effects.add_prices();
  try {
    cache.simulate_ahead(effects.runs(), side_by_side);
  } catch (...) {
    effects.add_finished();
    effects.sort();
    throw;
  }
  try {
    for (const Assumption& assumption : assumption_table()) effects.add(assumption);
  } catch (...) {
    effects.sort();
    throw;
  }
  effects.sort();
}

}  // namespace mxsim
