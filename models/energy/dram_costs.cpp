#include "models/energy/dram_costs.h"

#include "models/dram/dram_prices.h"

namespace mxsim {
namespace {

Price with_band(double value, const std::string& unit, const std::string& device,
                const Price& error) {
  return {value * error.value, value * error.low, value * error.high, unit,
          "device " + device + "; band: " + error.source};
}

}  // namespace

DramCosts dram_costs(const DramDevice& device, std::int64_t devices, const TechnologyTable& table) {
  const DramPrices prices = prices_of(device);
  DramCosts costs;
  const auto add = [&](Event event, double energy_pj) {
    if (energy_pj <= 0) return;
    costs.events.push_back(
        {event, with_band(energy_pj, "pJ", device.name, table.dram.access_error)});
  };
  add(Event::kDramActivates, prices.activate_pj);
  add(Event::kDramReads, prices.read_burst_pj);
  add(Event::kDramWrites, prices.write_burst_pj);
  add(Event::kDramRefreshes, prices.refresh_pj);
  add(Event::kDramReadBytes, prices.moved_byte_pj);
  add(Event::kDramWriteBytes, prices.moved_byte_pj);

  const DramOrganisation& organisation = device.organisation;
  const auto ranks =
      static_cast<double>(devices * organisation.channels * organisation.count(DramLevel::kRank));
  costs.background_mw =
      with_band(prices.open_rank_mw * ranks, "mW", device.name, table.dram.background_error);
  if (prices.open_rank_mw > 0) {
    costs.background_mw.low *= prices.closed_rank_mw / prices.open_rank_mw;
  }
  return costs;
}

}  // namespace mxsim
