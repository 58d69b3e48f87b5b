#include "models/energy/dram_costs.h"

#include "models/core/error.h"
#include "models/dram/dram_prices.h"

namespace mxsim {
namespace {

constexpr double kPicojoulesPerMillijoule = 1e9;

Price with_band(double value, const std::string& unit, const std::string& device,
                const Price& error) {
  return {value * error.value, value * error.low, value * error.high, unit,
          "device " + device + "; band: " + error.source};
}

}  // namespace

DramCosts dram_costs(const DramDevice& device, const TechnologyTable& table) {
  const DramPrices prices = prices_of(device);
  DramCosts costs;
  const auto add = [&](std::vector<DramCosts::Entry>& entries, const Price& error, Event event,
                       double energy_pj) {
    ensure(energy_pj >= 0, "a DRAM device that validate() accepts has no negative price");
    if (energy_pj == 0) return;
    entries.push_back({event, with_band(energy_pj, "pJ", device.name, error)});
  };
  const auto command = [&](Event event, double energy_pj) {
    add(costs.events, table.dram.access_error, event, energy_pj);
  };
  command(Event::kDramActivates, prices.activate_pj);
  command(Event::kDramReads, prices.read_burst_pj);
  command(Event::kDramWrites, prices.write_burst_pj);
  command(Event::kDramRefreshes, prices.refresh_pj);
  command(Event::kDramBankRefreshes, prices.bank_refresh_pj);
  command(Event::kDramReadBytes, prices.moved_byte_pj);
  command(Event::kDramWriteBytes, prices.moved_byte_pj);

  const auto state = [&](Event event, double power_mw) {
    add(costs.background, table.dram.background_error, event,
        power_mw * kPicojoulesPerMillijoule / static_cast<double>(device.clock_hz));
  };
  state(Event::kDramOpenRankCycles, prices.open_rank_mw);
  state(Event::kDramClosedRankCycles, prices.closed_rank_mw);
  state(Event::kDramOpenDownCycles, prices.open_down_mw);
  state(Event::kDramClosedDownCycles, prices.closed_down_mw);

  const DramOrganisation& organisation = device.organisation;
  const auto ranks =
      static_cast<double>(organisation.channels * organisation.count(DramLevel::kRank));
  costs.standing_mw =
      with_band(prices.open_rank_mw * ranks, "mW", device.name, table.dram.background_error);
  return costs;
}

}  // namespace mxsim
