#include "models/energy/uncertainty.h"

#include <algorithm>
#include <cmath>
#include <map>

#include "models/core/error.h"
#include "models/core/rng.h"

namespace mxsim {
namespace {

/// Inverse of the triangular distribution function with its peak at 1.
double triangular(const Factor& factor, double u) {
  const double width = factor.high - factor.low;
  const double rise = 1 - factor.low;
  const double fall = factor.high - 1;
  if (u * width < rise) return factor.low + std::sqrt(u * width * rise);
  return factor.high - std::sqrt((1 - u) * width * fall);
}

double saving_of(double run, double baseline) { return baseline > 0 ? 1 - run / baseline : 0; }

/// Nearest-rank percentile of sorted values.
double percentile(const std::vector<double>& sorted, double fraction) {
  const double rank = std::ceil(fraction * static_cast<double>(sorted.size()));
  return sorted[static_cast<std::size_t>(std::max(rank, 1.0)) - 1];
}

Band band(double value, std::vector<double> samples) {
  constexpr double kLow = 0.05;
  constexpr double kHigh = 0.95;
  std::sort(samples.begin(), samples.end());
  return {value, percentile(samples, kLow), percentile(samples, kHigh)};
}

}  // namespace

double Sensitivity::effect() const { return std::abs(saving_at_high - saving_at_low); }

Uncertainty::Uncertainty(std::uint64_t seed, int samples) : seed_(seed), samples_(samples) {
  ensure(samples > 0, "Uncertainty: no samples");
}

std::vector<double> Uncertainty::totals(const EnergyBreakdown& run) const {
  std::vector<double> sums(static_cast<std::size_t>(samples_), 0.0);
  for (const auto& [name, term] : run.terms()) {
    std::vector<double> products(sums.size(), term.energy_pj());
    for (const Factor& factor : term.price.factors()) {
      const CounterRng rng(seed_, factor.name);
      for (std::size_t i = 0; i < products.size(); ++i) {
        products[i] *= triangular(factor, rng.uniform(i));
      }
    }
    for (std::size_t i = 0; i < sums.size(); ++i) sums[i] += products[i];
  }
  return sums;
}

Band Uncertainty::energy_pj(const EnergyBreakdown& run) const {
  return band(run.total_pj(), totals(run));
}

Band Uncertainty::saving(const EnergyBreakdown& run, const EnergyBreakdown& baseline) const {
  std::vector<double> savings = totals(run);
  const std::vector<double> reference = totals(baseline);
  for (std::size_t i = 0; i < savings.size(); ++i) savings[i] = saving_of(savings[i], reference[i]);
  return band(saving_of(run.total_pj(), baseline.total_pj()), std::move(savings));
}

EnergyBreakdown with_factor(const EnergyBreakdown& run, const std::string& factor,
                            double multiplier) {
  EnergyBreakdown held;
  for (const auto& [name, term] : run.terms()) {
    held.add(term.component, term.price.with(factor, multiplier), term.amount);
  }
  return held;
}

std::vector<Sensitivity> sensitivity(const EnergyBreakdown& run, const EnergyBreakdown& baseline) {
  std::map<std::string, Factor> factors;
  for (const EnergyBreakdown* side : {&run, &baseline}) {
    for (const auto& [name, term] : side->terms()) {
      for (const Factor& factor : term.price.factors()) factors.emplace(factor.name, factor);
    }
  }
  const auto saving_at = [&](const Factor& factor, double multiplier) {
    return saving_of(with_factor(run, factor.name, multiplier).total_pj(),
                     with_factor(baseline, factor.name, multiplier).total_pj());
  };
  std::vector<Sensitivity> rows;
  for (const auto& [name, factor] : factors) {
    rows.push_back({factor, saving_at(factor, 1), saving_at(factor, factor.low),
                    saving_at(factor, factor.high)});
  }
  std::stable_sort(rows.begin(), rows.end(), [](const Sensitivity& x, const Sensitivity& y) {
    return x.effect() > y.effect();
  });
  return rows;
}

}  // namespace mxsim
