#include "sim/run/run_cache.h"

#include <fmt/format.h>

#include "models/workload/lower.h"
#include "sim/config/field_lister.h"

namespace mxsim {
namespace {

/// The configuration without its prices, but with those that decide the mapping.
std::string timing_text(RunConfig config) {
  const OpList ops = lower(config.workload, lowering_policy(config));
  const MappingPrices prices = priced_policy(config, ops, dram_device(config.chip.dram)).prices;
  config.chip.technology = {};
  config.chip.dram.device.energy = {};
  return fmt::format("{}prices={} {} {} {} {} {}\n", canonical_text(std::move(config)),
                     prices.dram_byte, prices.input_word, prices.weight_word,
                     prices.accumulator_read, prices.accumulator_write, prices.cycle);
}

}  // namespace

RunReport RunCache::run(const RunConfig& config, const std::string& what) {
  const auto [entry, is_new] = results_.try_emplace(timing_text(config));
  if (!is_new) return price_once(config, entry->second);
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
