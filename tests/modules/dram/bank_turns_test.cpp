#include "sim/dram/bank_turns.h"

#include <gtest/gtest.h>

#include <bit>

#include "sim/config/dram_reader.h"
#include "tests/support/dram_devices.h"

namespace mxsim {
namespace {

using testing::all_devices;

std::size_t at(std::int64_t i) { return static_cast<std::size_t>(i); }

/// Bursts of channel 0 in rows of one number; 0: rows are not outermost.
std::int64_t period_of(const DramDevice& device, const AddressMap& map) {
  const DramOrganisation& o = device.organisation;
  const std::int64_t bursts = o.channels * o.count(DramLevel::kBank) * o.bursts;
  const bool outermost = map.decode(bursts).row == 1 && map.decode(bursts - 1).row == 0;
  return outermost ? map.bursts_below(bursts, 0) : 0;
}

struct Seen {
  int bank;
  std::int64_t rows;
  bool operator==(const Seen&) const = default;
};

// Each burst's place is decoded anew.
TEST(BankTurnsTest, StreamsFromEqualPhasesLookAlike) {
  for (const DramDevice& device : all_devices()) {
    const AddressMap map(device);
    const std::int64_t period = period_of(device, map);
    if (period == 0 || map.bank_hash_rows() > 1) continue;
    const BankTurns turns(device.organisation, map, 0, period);
    const auto seen = [&](std::int64_t from, std::int64_t ahead) {
      const DramAddress place = map.decode(map.burst_at(from + ahead, 0));
      const BankTurns::View& view = turns.at(from);
      return Seen{view.numbers[at(place.bank)],
                  place.row - from / period - view.rows[at(place.bank)]};
    };
    const bool renames = turns.at(0).banks != turns.at(period / 2).banks;
    for (std::int64_t from = 0; from < 3 * period; from += 1 + from % 7) {
      const std::int64_t alike = renames ? turns.phase(from) : from % period;
      for (std::int64_t ahead = 0; ahead < period; ahead += 1 + ahead % 5) {
        ASSERT_EQ(seen(from, ahead), seen(alike, ahead)) << device.name << " " << from;
      }
    }
  }
}

TEST(BankTurnsTest, BanksOfAGroupAreSeenAsBanksOfAGroup) {
  for (const DramDevice& device : all_devices()) {
    const AddressMap map(device);
    const std::int64_t period = period_of(device, map);
    if (period == 0) continue;
    const BankTurns turns(device.organisation, map, 0, period);
    for (const DramLevel level :
         {DramLevel::kPseudoChannel, DramLevel::kRank, DramLevel::kBankGroup}) {
      const int shift =
          std::countr_zero(static_cast<std::uint64_t>(device.organisation.banks_under(level)));
      for (std::int64_t from = 0; from < period; ++from) {
        const std::vector<int>& banks = turns.at(from).banks;
        for (std::size_t i = 0; i < banks.size(); ++i) {
          ASSERT_EQ(turns.at(from).numbers[at(banks[i])], static_cast<int>(i));
          ASSERT_EQ(banks[i] >> shift, banks[i >> shift << shift] >> shift) << device.name;
        }
      }
    }
  }
}

// Rows of HBM2 hold 32 bursts next to each other; the next bank lies in the next group.
TEST(BankTurnsTest, EachRowOfHbm2IsATurn) {
  const DramDevice device = load_dram_device(MXSIM_ROOT "/configs/dram/hbm2.json");
  const AddressMap map(device);
  const BankTurns turns(device.organisation, map, 0, 512);
  EXPECT_EQ(turns.phase(31), 31);
  EXPECT_EQ(turns.phase(32), 0);
  EXPECT_EQ(turns.at(0).banks,
            (std::vector<int>{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15}));
  // From the second bank on: bank 4 is seen as bank 0, and bank 0 a row later as the last one, 15.
  EXPECT_EQ(turns.at(32).numbers[4], 0);
  EXPECT_EQ(turns.at(32).numbers[0], 15);
  EXPECT_EQ(turns.at(32).rows[4], 0);
  EXPECT_EQ(turns.at(32).rows[0], 1);
}

}  // namespace
}  // namespace mxsim
