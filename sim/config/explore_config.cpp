#include "sim/config/explore_config.h"

#include <fmt/format.h>

namespace mxsim {
namespace {

constexpr std::int64_t kMostPopulation = 10000;
constexpr std::int64_t kMostGenerations = 1'000'000;

}  // namespace

void bind(Binder& b, SearchConfig& s) {
  b.integer({"population", "", "points of a generation, a multiple of 4"}, s.population,
            {8, kMostPopulation});
  b.integer({"generations", "", "most generations after the first, random one"}, s.generations,
            {0, kMostGenerations});
  b.integer({"evaluations", "", "most points to run; 0: no limit"}, s.evaluations,
            {0, kMostPoints});
  b.integer({"seed", "", "seed of the search"}, s.seed, {0, 4294967295});
  b.number({"crossover", "", "probability that two points are crossed"}, s.crossover,
           {0, 0.999999});
  b.number({"mutation", "", "probability that a coordinate changes; 0: one over their number"},
           s.mutation, {0, 1});
  b.numbers({"reference", "",
             "corner of the hypervolume's box that all points are better than, a number for each "
             "objective in its own unit; left out: the worst values found"},
            s.reference, {}, {0, static_cast<std::int64_t>(kObjectiveCount)});
  b.numbers({"ideal", "", "the corner opposite; left out: the best values found"}, s.ideal, {},
            {0, static_cast<std::int64_t>(kObjectiveCount)});
}

void bind(Binder& b, ExploreConfig& s) {
  bind_space(b, s);
  b.section({"search", "", "the search for the front: NSGA-II, seeded", Presence::kRequired},
            s.search);
}

namespace {

void check_corner(const ExploreConfig& config, const std::vector<double>& corner,
                  const char* pointer, std::vector<Diagnostic>& faults) {
  if (corner.empty() || corner.size() == config.objectives.size()) return;
  faults.push_back({"", pointer,
                    fmt::format("has {} values, there are {} objectives", corner.size(),
                                config.objectives.size())});
}

/// Points with other work are not compared.
void check_keys(const ExploreConfig& config, std::vector<Diagnostic>& faults) {
  const auto check = [&](const KeyAxisConfig& axis, const std::string& pointer) {
    if (!decides_work(axis.key)) return;
    faults.push_back({"", pointer + "/key",
                      fmt::format("\"{}\" changes the work: a search compares points that do the "
                                  "same work",
                                  axis.key)});
  };
  for (std::size_t i = 0; i < config.axes.size(); ++i) {
    const std::string pointer = fmt::format("/axes/{}", i);
    check(config.axes[i], pointer);
    for (std::size_t k = 0; k < config.axes[i].zip.size(); ++k) {
      check(config.axes[i].zip[k], fmt::format("{}/zip/{}", pointer, k));
    }
  }
}

}  // namespace

std::vector<Diagnostic> validate(const ExploreConfig& config) {
  std::vector<Diagnostic> faults = validate_space(config);
  check_keys(config, faults);
  if (config.objectives.size() < 2) {
    faults.push_back({"", "/objectives", "one objective, a search for a front needs two or more"});
  }
  if (config.search.population % 4 != 0) {
    faults.push_back({"", "/search/population",
                      fmt::format("got {}, expected a multiple of 4", config.search.population)});
  }
  check_corner(config, config.search.reference, "/search/reference", faults);
  check_corner(config, config.search.ideal, "/search/ideal", faults);
  for (std::size_t i = 0; i < std::min(config.search.reference.size(), config.search.ideal.size());
       ++i) {
    if (config.search.ideal[i] < config.search.reference[i]) continue;
    faults.push_back({"", fmt::format("/search/ideal/{}", i),
                      fmt::format("got {}, expected less than the {} of reference",
                                  config.search.ideal[i], config.search.reference[i])});
  }
  return faults;
}

}  // namespace mxsim
