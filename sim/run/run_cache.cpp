#include "sim/run/run_cache.h"

#include <utility>

#include "models/core/reuse.h"
#include "models/workload/lower.h"
#include "sim/config/field_lister.h"
#include "sim/run/request_run.h"

namespace mxsim {
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

}  // namespace mxsim
