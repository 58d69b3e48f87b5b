#include "sim/run/run_cache.h"

#include <algorithm>
#include <exception>
#include <utility>

#include "models/core/error.h"
#include "models/core/reuse.h"
#include "models/workload/lower.h"
#include "sim/config/field_lister.h"
#include "sim/run/request_run.h"
#include "sim/run/simulation_bytes.h"
#include "sim/workers/dispatcher.h"
#include "sim/workers/forked_workers.h"

namespace mxsim {
namespace {

/// The packed result; "" of a run that failed.
std::string simulated(const RunConfig& config) {
  try {
    return simulation_bytes(simulate_once(config));
  } catch (const std::exception&) {
    return "";
  }
}

}  // namespace

RunCache::Key RunCache::key_of(RunConfig config) {
  const OpList ops = lower(config.workload, lowering_policy(config));
  const MappingPrices prices = priced_policy(config, ops, dram_device(config.chip.dram)).prices;
  config.chip.technology = {};
  config.chip.dram.device.energy = {};
  return {canonical_text(std::move(config)), prices};
}

RunReport RunCache::run(const RunConfig& config, const std::string& what) {
  if (config.generate > 0) {
    return run_request(config, [&](const RunConfig& phase) { return run(phase, what); });
  }
  const auto [entry, is_new] = results_.try_emplace(key_of(config));
  if (!is_new && reuses_work()) return price_once(config, entry->second);
  RunExtras extras;
  if (progress_) {
    extras.progress = [&](std::size_t done, std::size_t all) { progress_(what, done, all); };
  }
  try {
    entry->second = simulate_once(config, extras);
  } catch (...) {
    results_.erase(entry);
    throw;
  }
  return price_once(config, entry->second);
}

bool RunCache::knows(const RunConfig& config) const {
  const std::vector<RunConfig> phases = phases_of(config);
  return std::all_of(phases.begin(), phases.end(),
                     [&](const RunConfig& phase) { return results_.contains(key_of(phase)); });
}

void RunCache::simulate_ahead(const std::vector<RunConfig>& configs,
                              const ParallelJobs& side_by_side) {
  if (side_by_side.jobs < 2 || !reuses_work()) return;
  std::vector<RunConfig> missing;
  std::vector<Key> keys;
  const auto add = [&](const RunConfig& phase) {
    Key key = key_of(phase);
    const bool known = results_.contains(key) || std::count(keys.begin(), keys.end(), key) > 0;
    if (known) return;
    keys.push_back(std::move(key));
    missing.push_back(phase);
  };
  for (const RunConfig& config : configs) {
    try {
      for (const RunConfig& phase : phases_of(config)) add(phase);
    } catch (const InputError&) {  // run() tells it
    }
  }
  if (missing.size() < 2) return;
  ForkedWorkers workers(std::min(side_by_side.jobs, missing.size()), [&](const std::string& place) {
    return simulated(missing[std::stoul(place)]);
  });
  std::size_t done = 0;
  DispatchRules rules{0, nullptr};
  if (side_by_side.progress) rules.pause = [&] { side_by_side.progress(done, missing.size()); };
  const auto place = [](std::size_t index) { return std::to_string(index); };
  dispatch(workers, missing.size(), place, rules, [&](const DispatchResult& result) {
    if (!result.answer || result.answer->empty()) return;
    ++done;
    results_.emplace(keys[result.index], simulation_of(*result.answer));
  });
}

}  // namespace mxsim
