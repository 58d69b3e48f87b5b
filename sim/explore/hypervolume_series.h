#pragma once

#include <vector>

#include "sim/explore/exploration.h"

namespace mxsim {

/// The share of a box that is worse than some point found so far.
struct HypervolumeStep {
  Evaluation evaluation;
  std::size_t front = 0;  ///< points that no other beats
  double hypervolume = 0;
};

/// The box reaches from `ideal` to `reference`, objective by objective in its own unit; an
/// objective whose ends are equal does not count.
struct HypervolumeSeries {
  Fitness ideal;
  Fitness reference;
  std::vector<HypervolumeStep> steps;  ///< one for each evaluation that went well

  double last() const { return steps.empty() ? 0 : steps.back().hypervolume; }
};

/// Corners that `search` does not give are the best and worst values of all evaluations.
HypervolumeSeries hypervolume_series(const std::vector<Evaluation>& evaluations,
                                     const SearchConfig& search);

}  // namespace mxsim
