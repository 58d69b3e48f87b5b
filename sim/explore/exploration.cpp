#include "sim/explore/exploration.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <set>
#include <stdexcept>

#include "sim/explore/sweep.h"

namespace mxsim {
namespace {

/// Above all values of objectives; later points are worse, so that no two are equal.
Fitness penalty(std::size_t objectives, std::size_t point) {
  return Fitness(objectives, 1e30 * (1 + 1e-6 * static_cast<double>(point)));
}

}  // namespace

Exploration::Exploration(const ExploreSource& source, const Space& space, WorkerProcesses& workers,
                         const DispatchRules& rules, SweepResults& results)
    : source_(source),
      space_(space),
      workers_(workers),
      rules_(rules),
      results_(results),
      rng_(source.search.seed, "fresh points") {
  for (std::size_t axis = 0; axis < space.axes(); ++axis) {
    if (space.values(axis) < 2) continue;
    varied_.push_back(axis);
    sizes_.push_back(static_cast<std::uint32_t>(space.values(axis)));
  }
}

Coordinates Exploration::whole(const Coordinates& varied) const {
  Coordinates at(space_.axes(), 0);
  for (std::size_t i = 0; i < varied.size(); ++i) at[varied_[i]] = varied[i];
  return at;
}

std::uint64_t Exploration::budget() const {
  const auto most = static_cast<std::uint64_t>(source_.search.evaluations);
  return most == 0 ? std::numeric_limits<std::uint64_t>::max() : most - std::min(most, runs_);
}

bool Exploration::ended() const {
  const std::optional<std::uint64_t> points = space_.points();
  return spent_ || budget() == 0 || (points && known_.size() >= *points);
}

Fitness Exploration::fitness(const Coordinates& at) const {
  const std::size_t objectives = source_.space.config.objectives.size();
  const auto found = known_.find(at);
  if (found == known_.end()) return penalty(objectives, known_.size());
  const Evaluation& each = evaluations_[found->second];
  return each.status == PointStatus::kOk ? each.fitness : penalty(objectives, each.point);
}

std::vector<Fitness> Exploration::evaluate(const std::vector<Coordinates>& batch) {
  std::vector<Coordinates> fresh;
  std::set<Coordinates> seen;
  for (const Coordinates& at : batch) {
    if (!known_.contains(at) && seen.insert(at).second) fresh.push_back(at);
  }
  std::size_t tried = 0;
  while (tried < fresh.size() && budget() > 0) {
    const auto count =
        static_cast<std::size_t>(std::min<std::uint64_t>(fresh.size() - tried, budget()));
    const auto from = fresh.begin() + static_cast<std::ptrdiff_t>(tried);
    try_points({from, from + static_cast<std::ptrdiff_t>(count)});
    tried += count;
  }
  spent_ = spent_ || tried < fresh.size();
  std::vector<Fitness> all;
  for (const Coordinates& at : batch) all.push_back(fitness(at));
  return all;
}

void Exploration::try_points(const std::vector<Coordinates>& points) {
  const std::uint64_t first = known_.size();
  std::vector<PointRequest> missing;
  for (std::size_t i = 0; i < points.size(); ++i) {
    if (results_.has(first + i)) continue;
    missing.push_back({PointRequest::Ask::kTry, {whole(points[i])}, first + i, source_.hash});
  }
  run_requests(missing, space_, workers_, rules_, [&](const std::string& line) {
    if (read_result_line(line)->status == PointStatus::kLost) {
      throw std::runtime_error("a point lost its worker in every try: " + line);
    }
    results_.add(line);
  });
  for (std::size_t i = 0; i < points.size(); ++i) take(first + i, points[i]);
}

void Exploration::take(std::uint64_t point, const Coordinates& at) {
  const ResultLine line = results_.get(point);
  if (line.settings != space_.settings(whole(at))) {
    throw InputError(fmt::format("the results' point {} is not what this search came upon", point));
  }
  Evaluation& each = evaluations_.emplace_back(Evaluation{point, generation_, line.status, {}});
  for (const Objective objective : source_.space.config.objectives) {
    each.fitness.push_back(line.objectives[static_cast<std::size_t>(objective)]);
  }
  if (line.status != PointStatus::kLeftOut) ++runs_;
  known_.emplace(at, point);
}

/// The next point, as an odometer counts; false after the last one, which the first follows.
bool Exploration::next(Coordinates& at) const {
  for (std::size_t i = at.size(); i-- > 0;) {
    if (++at[i] < sizes_[i]) return true;
    at[i] = 0;
  }
  return false;
}

std::vector<Coordinates> Exploration::unknown_points(std::size_t count) {
  const std::optional<std::uint64_t> points = space_.points();
  if (points) count = std::min<std::uint64_t>(count, *points - known_.size());
  std::set<Coordinates> chosen;
  std::vector<Coordinates> unknown;
  while (unknown.size() < count) {
    Coordinates at;
    for (const std::uint32_t size : sizes_) {
      at.push_back(static_cast<std::uint32_t>(rng_.bits(draws_++) % size));
    }
    while (known_.contains(at) || chosen.contains(at)) next(at);
    chosen.insert(at);
    unknown.push_back(at);
  }
  return unknown;
}

void Exploration::refresh(Nsga2& search, bool stagnates) {
  const std::vector<Coordinates> population = search.population();
  std::set<Coordinates> seen;
  std::vector<std::size_t> places;
  for (std::size_t i = 0; i < population.size(); ++i) {
    if (!seen.insert(population[i]).second) places.push_back(i);
  }
  if (places.empty() && stagnates) {
    places = search.worst_first();
    places.resize(places.size() / 4);
  }
  const std::vector<Coordinates> fresh = unknown_points(places.size());
  const std::vector<Fitness> fitnesses = evaluate(fresh);
  for (std::size_t i = 0; i < fresh.size(); ++i) search.replace(places[i], fresh[i], fitnesses[i]);
}

void Exploration::run() {
  if (varied_.empty()) {
    evaluate({{}});
    return;
  }
  const SearchConfig& config = source_.search;
  const Nsga2Rules rules{
      static_cast<std::size_t>(config.population), static_cast<std::uint32_t>(config.seed),
      config.crossover,
      config.mutation > 0 ? config.mutation : 1.0 / static_cast<double>(varied_.size())};
  Nsga2 search(sizes_, source_.space.config.objectives.size(), rules,
               [this](const std::vector<Coordinates>& batch) { return evaluate(batch); });
  while (generation_ < config.generations && !ended()) {
    ++generation_;
    const std::size_t before = known_.size();
    search.next_generation();
    if (!ended()) refresh(search, known_.size() == before);
  }
}

}  // namespace mxsim
