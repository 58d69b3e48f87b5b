#include "models/energy/mapping_prices.h"

namespace mxsim {

MappingPrices mapping_prices(const PriceList& prices, double clock_hz, double dram_burst_bytes) {
  constexpr double kPicojoulesPerMillijoule = 1e9;
  const auto mean = [&](Unit unit, Event a, Event b) {
    return (prices.event_pj(unit, a) + prices.event_pj(unit, b)) / 2;
  };
  double static_mw = prices.dram_standing_mw;
  for (const UncertainPrice& power : prices.static_mw) static_mw += power.value();
  MappingPrices result;
  result.dram_byte = mean(Unit::kDram, Event::kDramReads, Event::kDramWrites) / dram_burst_bytes +
                     mean(Unit::kDram, Event::kDramReadBytes, Event::kDramWriteBytes) +
                     prices.event_pj(Unit::kDmaRead, Event::kDmaReadBytes);
  result.input_word = prices.event_pj(Unit::kSramInput, Event::kSramReads);
  result.weight_word = prices.event_pj(Unit::kSramWeight, Event::kSramReads);
  result.transposed_byte = prices.event_pj(Unit::kSramInput, Event::kTransposedBytes);
  result.multicast_byte = prices.event_pj(Unit::kArray, Event::kMulticastBytes);
  result.accumulator_read = prices.event_pj(Unit::kSramAccumulator, Event::kSramReads);
  result.accumulator_write = prices.event_pj(Unit::kSramAccumulator, Event::kSramWrites);
  result.block_end = prices.event_pj(Unit::kArray, Event::kBlockAccumulate);
  result.cycle = static_mw * kPicojoulesPerMillijoule / clock_hz;
  return result;
}

}  // namespace mxsim
