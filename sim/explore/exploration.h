#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "models/core/rng.h"
#include "sim/config/explore_config.h"
#include "sim/explore/pagmo_search.h"
#include "sim/explore/point_worker.h"
#include "sim/explore/sweep_results.h"
#include "sim/workers/dispatcher.h"

namespace mxsim {

/// An exploration file that has been read.
struct ExploreSource {
  SweepSource space;
  SearchConfig search;
  std::string hash;  ///< of all that decides which points are tried and what they give
};

/// Reads the file that the user names, and its run file. Throws InputError with every fault.
ExploreSource load_exploration(const std::string& path);

/// A point that the search tried.
struct Evaluation {
  std::uint64_t point = 0;  ///< in the order in which the search came upon them
  std::int64_t generation = 0;
  PointStatus status = PointStatus::kOk;
  Fitness fitness;  ///< of kOk: the objectives in the file's order
};

/// A search for the front of a space. `results` are its memory: no point is run twice, and what is
/// there already is taken as if it were run now, so that a search which was ended goes on as it
/// would have. Which points are tried depends on file and results alone, not on the workers.
class Exploration {
 public:
  Exploration(const ExploreSource& source, const Space& space, WorkerProcesses& workers,
              const DispatchRules& rules, SweepResults& results);

  /// Throws std::runtime_error when a worker could not write or a point lost its workers, and
  /// InputError when the results are of another search.
  void run();

  const std::vector<Evaluation>& evaluations() const { return evaluations_; }

 private:
  std::vector<Fitness> evaluate(const std::vector<Coordinates>& batch);
  void try_points(const std::vector<Coordinates>& points);
  void take(std::uint64_t point, const Coordinates& at);
  Fitness fitness(const Coordinates& at) const;
  /// Fresh points for individuals that are there twice, or when a generation found nothing new.
  void refresh(Nsga2& search, bool stagnates);
  std::vector<Coordinates> unknown_points(std::size_t count);
  bool next(Coordinates& at) const;
  bool ended() const;
  std::uint64_t budget() const;
  Coordinates whole(const Coordinates& varied) const;

  const ExploreSource& source_;
  const Space& space_;
  WorkerProcesses& workers_;
  const DispatchRules& rules_;
  SweepResults& results_;
  std::vector<std::size_t> varied_;   ///< axes with a choice; the search sees these alone
  std::vector<std::uint32_t> sizes_;  ///< of these
  std::map<Coordinates, std::uint64_t> known_;
  std::vector<Evaluation> evaluations_;  ///< by point
  std::int64_t generation_ = 0;
  std::uint64_t runs_ = 0;  ///< evaluations that no constraint left out
  bool spent_ = false;
  CounterRng rng_;
  std::uint64_t draws_ = 0;
};

}  // namespace mxsim
