#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "models/dram/address_map.h"

namespace mxsim {

/// Bank, counted over all channels, and row of a burst, as AddressMap::decode() says, from tables:
/// fields take bits of the burst number and hashes add them, so each part of the number changes
/// bits of its own accord.
class BankLookup {
 public:
  BankLookup(const DramDevice& device, const AddressMap& map);

  struct Place {
    std::uint32_t bank = 0;
    std::uint32_t row = 0;
  };
  Place of(std::int64_t burst) const {
    Place place;
    for (const Table& table : tables_) {
      const Place& part = table[static_cast<std::size_t>(burst & kMask)];
      place.bank ^= part.bank;
      place.row ^= part.row;
      burst >>= kBits;
    }
    return place;
  }

 private:
  static constexpr int kBits = 9;
  static constexpr std::int64_t kMask = (std::int64_t{1} << kBits) - 1;
  using Table = std::array<Place, std::size_t{1} << kBits>;

  std::vector<Table> tables_;  ///< the lowest bits first
};

}  // namespace mxsim
