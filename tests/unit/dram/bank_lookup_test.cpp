#include "models/dram/bank_lookup.h"

#include <gtest/gtest.h>

#include "models/core/rng.h"
#include "tests/support/dram_devices.h"

namespace mxsim {
namespace {

TEST(BankLookupTest, FindsTheBankAndTheRowThatTheMapDecodes) {
  std::vector<DramDevice> devices = testing::all_devices();
  for (const DramDevice& device : testing::all_devices()) {
    for (std::uint64_t seed = 0; seed < 4; ++seed) {
      devices.push_back(testing::with_drawn_hashes(device, seed));
    }
  }
  for (const DramDevice& device : devices) {
    const AddressMap map(device);
    const BankLookup lookup(device, map);
    const std::int64_t banks = device.organisation.count(DramLevel::kBank);
    const CounterRng rng(1, device.name);
    for (std::uint64_t i = 0; i < 2000; ++i) {
      const auto burst = static_cast<std::int64_t>(rng.bits(i) >> 24);  // beyond the capacity, too
      const DramAddress place = map.decode(burst);
      const BankLookup::Place found = lookup.of(burst);
      ASSERT_EQ(found.bank, place.channel * banks + place.bank) << device.name << " " << burst;
      ASSERT_EQ(found.row, place.row) << device.name << " " << burst;
    }
  }
}

}  // namespace
}  // namespace mxsim
