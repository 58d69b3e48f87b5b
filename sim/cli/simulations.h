#pragma once

#include <optional>
#include <ostream>
#include <string>

#include "sim/cli/progress.h"
#include "sim/run/run_cache.h"

namespace mxsim {

/// Simulations of a command, one after another or side by side, with their progress.
class Simulations {
 public:
  /// `jobs` 0: as many as there are cores.
  Simulations(std::size_t jobs, std::ostream& err);
  Simulations(const Simulations&) = delete;
  Simulations& operator=(const Simulations&) = delete;

  RunCache& cache() { return cache_; }
  /// `parts`: what is counted. Used up before the next one is asked for.
  ParallelJobs side_by_side(const std::string& parts);
  /// Clears its line.
  void end_progress() { shown_.reset(); }

 private:
  void show(const std::string& what, const std::string& parts, std::size_t done, std::size_t total);

  std::ostream& err_;
  std::size_t jobs_;
  std::string what_;  ///< is shown
  std::optional<Progress> shown_;
  RunCache cache_;
};

}  // namespace mxsim
