#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "sim/explore/space.h"

namespace mxsim {

/// Values of the objectives of one point, all better when smaller.
using Fitness = std::vector<double>;
/// The fitness of each; what it throws comes out of the search.
using EvaluateAll = std::function<std::vector<Fitness>(const std::vector<Coordinates>&)>;

struct Nsga2Rules {
  std::size_t population = 24;  ///< a multiple of 4
  std::uint32_t seed = 1;
  double crossover = 0.95;
  double mutation = 0.1;
};

/// pagmo's NSGA-II (Deb et al. 2002) over whole coordinates, one generation at a time. The same
/// rules and fitnesses give the same points in the same order.
class Nsga2 {
 public:
  /// Draws the first generation. `sizes`: values of each axis, at least one of them above 1.
  Nsga2(std::vector<std::uint32_t> sizes, std::size_t objectives, const Nsga2Rules& rules,
        EvaluateAll evaluate);
  ~Nsga2();
  Nsga2(const Nsga2&) = delete;
  Nsga2& operator=(const Nsga2&) = delete;

  void next_generation();
  std::vector<Coordinates> population() const;
  /// Places in the population, from worst to best.
  std::vector<std::size_t> worst_first() const;
  void replace(std::size_t place, const Coordinates& with, const Fitness& fitness);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// Volume between the points and `reference`; points that are not better in every objective add
/// nothing.
double hypervolume(const std::vector<Fitness>& points, const Fitness& reference);

}  // namespace mxsim
