#include "models/dram/dram_prices.h"

namespace mxsim {
namespace {

constexpr double kBitsPerByte = 8;

DramPrices from_currents(const DramDevice& device, const DramCurrents& idd) {
  // V * mA * s = mJ; 1 mJ = 1e9 pJ.
  const double pj_per_ma_cycle =
      idd.vdd_v * idd.devices_per_rank * 1e9 / static_cast<double>(device.clock_hz);
  const double mw_per_ma = idd.vdd_v * idd.devices_per_rank;
  const double precharge_cycles = idd.act_to_act_cycles - idd.act_to_pre_cycles;
  const auto burst = static_cast<double>(device.burst_cycles);
  DramPrices prices;
  prices.activate_pj =
      pj_per_ma_cycle * (idd.idd0_ma * idd.act_to_act_cycles -
                         idd.idd3n_ma * idd.act_to_pre_cycles - idd.idd2n_ma * precharge_cycles);
  prices.read_burst_pj = pj_per_ma_cycle * (idd.idd4r_ma - idd.idd3n_ma) * burst;
  prices.write_burst_pj = pj_per_ma_cycle * (idd.idd4w_ma - idd.idd3n_ma) * burst;
  prices.refresh_pj = pj_per_ma_cycle * (idd.idd5b_ma - idd.idd3n_ma) * idd.refresh_cycles;
  prices.bank_refresh_pj =
      pj_per_ma_cycle * (idd.idd5pb_ma - idd.idd3n_ma) * idd.bank_refresh_cycles;
  prices.open_rank_mw = mw_per_ma * idd.idd3n_ma;
  prices.closed_rank_mw = mw_per_ma * idd.idd2n_ma;
  prices.open_down_mw = idd.idd3p_ma > 0 ? mw_per_ma * idd.idd3p_ma : prices.open_rank_mw;
  prices.closed_down_mw = idd.idd2p_ma > 0 ? mw_per_ma * idd.idd2p_ma : prices.closed_rank_mw;
  return prices;
}

DramPrices from_bits(const DramDevice& device, const DramPerBit& bit) {
  const DramOrganisation& o = device.organisation;
  const auto ranks = static_cast<double>(o.channels * o.count(DramLevel::kRank));
  DramPrices prices;
  prices.moved_byte_pj = kBitsPerByte * (bit.activate_pj + bit.array_pj + bit.io_pj);
  prices.open_rank_mw = bit.background_mw / ranks;
  prices.closed_rank_mw = bit.background_mw / ranks;
  const double down_mw = bit.power_down_mw > 0 ? bit.power_down_mw : bit.background_mw;
  prices.open_down_mw = down_mw / ranks;
  prices.closed_down_mw = down_mw / ranks;
  return prices;
}

}  // namespace

DramPrices prices_of(const DramDevice& device) {
  if (const auto* bit = std::get_if<DramPerBit>(&device.energy)) return from_bits(device, *bit);
  return from_currents(device, std::get<DramCurrents>(device.energy));
}

}  // namespace mxsim
