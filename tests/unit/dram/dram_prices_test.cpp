#include "models/dram/dram_prices.h"

#include <gtest/gtest.h>

namespace mxsim {
namespace {

// Reference: DRAMsim3 on DDR4-3200, one rank of 8 chips, cycles of 0.63 ns (the reference runs).
TEST(DramPricesTest, CurrentsGiveTheChargeAboveStandby) {
  DramDevice ddr4;
  ddr4.clock_hz = 1'587'301'587;
  ddr4.burst_cycles = 4;
  ddr4.energy = DramCurrents{1.2, 57, 37, 52, 168, 150, 250, 8, 74, 52, 560};
  const DramPrices prices = prices_of(ddr4);
  const double per_ma_cycle = 1.2 * 8 * 0.63;
  EXPECT_NEAR(prices.activate_pj, per_ma_cycle * (57 * 74 - 52 * 52 - 37 * 22), 1e-3);
  EXPECT_NEAR(prices.read_burst_pj, per_ma_cycle * (168 - 52) * 4, 1e-3);
  EXPECT_NEAR(prices.write_burst_pj, per_ma_cycle * (150 - 52) * 4, 1e-3);
  EXPECT_NEAR(prices.refresh_pj, per_ma_cycle * (250 - 52) * 560, 1e-1);
  EXPECT_DOUBLE_EQ(prices.open_rank_mw, 1.2 * 8 * 52);
  EXPECT_DOUBLE_EQ(prices.closed_rank_mw, 1.2 * 8 * 37);
}

TEST(DramPricesTest, PerBitPricesTheMovedBytes) {
  DramDevice hbm;
  hbm.organisation.channels = 8;
  hbm.energy = DramPerBit{1.21, 2.54, 0.22, 80};
  const DramPrices prices = prices_of(hbm);
  EXPECT_NEAR(prices.moved_byte_pj, 8 * 3.97, 1e-12);
  EXPECT_EQ(prices.activate_pj, 0);
  EXPECT_DOUBLE_EQ(prices.open_rank_mw, 10);  // 80 mW over 8 channels of one rank
}

}  // namespace
}  // namespace mxsim
