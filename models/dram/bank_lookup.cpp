#include "models/dram/bank_lookup.h"

#include <bit>

#include "models/core/units.h"

namespace mxsim {

BankLookup::BankLookup(const DramDevice& device, const AddressMap& map) {
  int bits = 0;
  for (const AddressSlice& slice : device.address_map) bits += slice.bits;
  const std::int64_t banks = device.organisation.count(DramLevel::kBank);
  tables_.resize(static_cast<std::size_t>(ceil_div(bits, kBits)));
  for (std::size_t t = 0; t < tables_.size(); ++t) {
    std::array<Place, kBits> of_bit{};
    for (std::size_t bit = 0; bit < of_bit.size(); ++bit) {
      const std::size_t shift = t * kBits + bit;
      const DramAddress place = map.decode(std::int64_t{1} << shift);
      of_bit[bit] = {static_cast<std::uint32_t>(place.channel * banks + place.bank),
                     static_cast<std::uint32_t>(place.row)};
    }
    for (std::size_t i = 1; i < tables_[t].size(); ++i) {
      const Place& last = of_bit[static_cast<std::size_t>(std::countr_zero(i))];
      const Place& others = tables_[t][i & (i - 1)];
      tables_[t][i] = {others.bank ^ last.bank, others.row ^ last.row};
    }
  }
}

}  // namespace mxsim
