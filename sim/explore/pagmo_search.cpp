#include "sim/explore/pagmo_search.h"

#include <algorithm>
#include <pagmo/algorithm.hpp>
#include <pagmo/algorithms/nsga2.hpp>
#include <pagmo/bfe.hpp>
#include <pagmo/population.hpp>
#include <pagmo/problem.hpp>
#include <pagmo/utils/hypervolume.hpp>
#include <pagmo/utils/multi_objective.hpp>

#include "models/core/error.h"

namespace mxsim {
namespace {

using pagmo::vector_double;

/// What pagmo's copies of problem and evaluator share.
struct Search {
  std::vector<std::uint32_t> sizes;
  std::size_t objectives = 2;
  EvaluateAll evaluate;

  Coordinates decoded(const double* values) const {
    Coordinates at(sizes.size());
    for (std::size_t i = 0; i < at.size(); ++i) at[i] = static_cast<std::uint32_t>(values[i]);
    return at;
  }
};

struct Problem {
  std::shared_ptr<const Search> search;

  vector_double fitness(const vector_double& values) const {
    return search->evaluate({search->decoded(values.data())}).front();
  }
  std::pair<vector_double, vector_double> get_bounds() const {
    vector_double highest;
    for (const std::uint32_t size : search->sizes) highest.push_back(size - 1.0);
    return {vector_double(highest.size(), 0.0), highest};
  }
  vector_double::size_type get_nobj() const { return search->objectives; }
  vector_double::size_type get_nix() const { return search->sizes.size(); }
};

/// Hands a whole generation over at once. pagmo checks what it gets and gives.
struct Evaluator {
  std::shared_ptr<const Search> search;

  vector_double operator()(const pagmo::problem& problem, const vector_double& values) const {
    const std::size_t axes = problem.get_nx();
    std::vector<Coordinates> points;
    for (std::size_t at = 0; at < values.size(); at += axes) {
      points.push_back(search->decoded(values.data() + at));
    }
    vector_double all;
    for (const Fitness& each : search->evaluate(points)) {
      all.insert(all.end(), each.begin(), each.end());
    }
    return all;
  }
};

vector_double encoded(const Coordinates& at) { return {at.begin(), at.end()}; }

pagmo::algorithm nsga2(const Nsga2Rules& rules, const pagmo::bfe& evaluator) {
  constexpr double kEta = 20;  // of real variables, there are none
  pagmo::nsga2 algorithm(1, rules.crossover, kEta, rules.mutation, kEta, rules.seed);
  algorithm.set_bfe(evaluator);
  return pagmo::algorithm(algorithm);
}

}  // namespace

struct Nsga2::State {
  std::shared_ptr<const Search> search;
  pagmo::bfe evaluator;
  pagmo::algorithm algorithm;
  pagmo::population population;

  State(const std::shared_ptr<const Search>& shared, const Nsga2Rules& rules)
      : search(shared),
        evaluator(Evaluator{shared}),
        algorithm(nsga2(rules, evaluator)),
        population(Problem{shared}, evaluator, rules.population, rules.seed) {}
};

Nsga2::Nsga2(std::vector<std::uint32_t> sizes, std::size_t objectives, const Nsga2Rules& rules,
             EvaluateAll evaluate) {
  Search search{std::move(sizes), objectives, std::move(evaluate)};
  state_ = std::make_unique<State>(std::make_shared<const Search>(std::move(search)), rules);
}

Nsga2::~Nsga2() = default;

void Nsga2::next_generation() { state_->population = state_->algorithm.evolve(state_->population); }

std::vector<Coordinates> Nsga2::population() const {
  std::vector<Coordinates> points;
  for (const vector_double& values : state_->population.get_x()) {
    points.push_back(state_->search->decoded(values.data()));
  }
  return points;
}

std::vector<std::size_t> Nsga2::worst_first() const {
  const auto order = pagmo::sort_population_mo(state_->population.get_f());
  return {order.rbegin(), order.rend()};
}

void Nsga2::replace(std::size_t place, const Coordinates& with, const Fitness& fitness) {
  state_->population.set_xf(place, encoded(with), fitness);
}

double hypervolume(const std::vector<Fitness>& points, const Fitness& reference) {
  std::vector<vector_double> inside;
  for (const Fitness& point : points) {
    ensure(point.size() == reference.size(), "a point of another number of objectives");
    if (std::equal(point.begin(), point.end(), reference.begin(), std::less<>())) {
      inside.push_back(point);
    }
  }
  return inside.empty() ? 0 : pagmo::hypervolume(inside).compute(reference);
}

}  // namespace mxsim
