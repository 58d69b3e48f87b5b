#pragma once

#include "sim/config/sweep_config.h"

namespace mxsim {

/// How a search goes on, and when it ends: whichever of its limits comes first, or when all points
/// are known.
struct SearchConfig {
  std::int64_t population = 24;
  std::int64_t generations = 50;
  std::int64_t evaluations = 0;  ///< points to run; 0: no limit
  std::uint64_t seed = 1;
  double crossover = 0.95;
  double mutation = 0;  ///< 0: one axis of a point on average
  /// Corners of the box whose share is the hypervolume, by objective; empty: the worst and the best
  /// that was found.
  std::vector<double> reference;
  std::vector<double> ideal;
};

/// An exploration file: a search for the front in a space of settings.
struct ExploreConfig : SweepConfig {
  SearchConfig search;
};

void bind(Binder& b, SearchConfig& s);
void bind(Binder& b, ExploreConfig& s);

/// A sweep's rules for any number of points, and those of a search.
std::vector<Diagnostic> validate(const ExploreConfig& config);

}  // namespace mxsim
