#pragma once

#include <functional>
#include <string>
#include <unordered_map>
#include <vector>

#include "sim/run/run_once.h"

namespace mxsim {

/// How work is done side by side: in processes, since the SystemC kernel is not thread-safe.
struct ParallelJobs {
  std::size_t jobs = 1;
  /// Told at least every fraction of a second how many parts are done; may throw to stop.
  std::function<void(std::size_t done, std::size_t total)> progress = nullptr;
};

/// Runs configurations one after another. Of those that differ only in prices that leave the
/// mapping as it is, the first alone is simulated.
class RunCache {
 public:
  using Progress =
      std::function<void(const std::string& what, std::size_t finished, std::size_t total)>;

  /// `progress` is told how far a simulation is; it may throw to stop.
  explicit RunCache(Progress progress = nullptr) : progress_(std::move(progress)) {}

  /// `what` names the run for the progress. Throws InputError when the work does not fit the chip.
  RunReport run(const RunConfig& config, const std::string& what);
  /// Simulates those that are not known, so that run() has their results. Faults and lost processes
  /// are left to run(). No result depends on it.
  void simulate_ahead(const std::vector<RunConfig>& configs, const ParallelJobs& side_by_side);
  /// Whether run() would simulate nothing.
  bool knows(const RunConfig& config) const;
  std::size_t simulations() const { return results_.size(); }

 private:
  /// All that cycles and counts depend on.
  struct Key {
    std::string config;    ///< without its prices
    MappingPrices prices;  ///< decide the mapping
    bool operator==(const Key&) const = default;
    struct Hash {
      std::size_t operator()(const Key& key) const { return std::hash<std::string>()(key.config); }
    };
  };
  static Key key_of(RunConfig config);

  Progress progress_;
  std::unordered_map<Key, SimulationResult, Key::Hash> results_;
};

}  // namespace mxsim
