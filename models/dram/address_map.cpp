#include "models/dram/address_map.h"

#include <algorithm>
#include <bit>

#include "models/core/error.h"

namespace mxsim {
namespace {

int log2_of(std::int64_t power_of_two) {
  return std::countr_zero(static_cast<std::uint64_t>(power_of_two));
}

std::size_t index(AddressField field) { return static_cast<std::size_t>(field); }

constexpr std::array<AddressField, 4> kBankFieldsInnerFirst{
    AddressField::kBank, AddressField::kBankGroup, AddressField::kRank,
    AddressField::kPseudoChannel};

}  // namespace

AddressMap::AddressMap(const DramDevice& device)
    : burst_shift_(log2_of(device.organisation.burst_bytes)) {
  std::array<int, kAddressFieldCount> widths{};
  int shift = 0;
  bool in_stretch = true;
  for (auto slice = device.address_map.rbegin(); slice != device.address_map.rend(); ++slice) {
    if (slice->bits == 0) continue;
    int& field_shift = widths[index(slice->field)];
    slices_.push_back({slice->field, slice->bits, shift, field_shift});
    if (slice->field == AddressField::kChannel) {
      channel_shift_ = shift;
      channel_width_ = slice->bits;
    } else if (slice->field != AddressField::kColumn) {
      in_stretch = false;
    }
    field_shift += slice->bits;
    shift += slice->bits;
    if (in_stretch) stretch_bits_ = shift;
    if (shift == field_shift && slice->field == AddressField::kColumn) granule_bits_ = shift;
  }
  int bank_shift = 0;
  for (AddressField field : kBankFieldsInnerFirst) {
    bank_shift_[index(field)] = bank_shift;
    bank_shift += widths[index(field)];
  }
  const auto add = [this](const AddressHash& hash, AddressFold& fold) {
    for (std::size_t bit = 0; bit < hash.size(); ++bit) {
      for (const AddressBit from : hash[bit]) fold.add(bit, position(from));
    }
  };
  add(device.channel_hash, channel_fold_);
  add(device.bank_hash, bank_fold_);
  for (const std::vector<AddressBit>& bits : device.bank_hash) {
    for (const AddressBit bit : bits) {
      bank_hash_rows_ = std::max(bank_hash_rows_, std::int64_t{2} << bit.bit);
    }
  }
}

int AddressMap::position(AddressBit bit) const {
  const auto slice = std::find_if(slices_.begin(), slices_.end(), [&](const Slice& s) {
    return s.field == bit.field && bit.bit >= s.field_shift && bit.bit < s.field_shift + s.bits;
  });
  ensure(slice != slices_.end(), "an address hash takes a bit that the address map lacks");
  return slice->shift + bit.bit - slice->field_shift;
}

DramAddress AddressMap::decode(std::int64_t burst_number) const {
  DramAddress address;
  for (const Slice& slice : slices_) {
    const std::int64_t value =
        (burst_number >> slice.shift) & ((std::int64_t{1} << slice.bits) - 1);
    const std::int64_t part = value << slice.field_shift;
    switch (slice.field) {
      case AddressField::kChannel:
        address.channel |= static_cast<int>(part);
        break;
      case AddressField::kRow:
        address.row |= part;
        break;
      case AddressField::kColumn:
        address.burst |= part;
        break;
      default:
        address.bank |= static_cast<int>(part << bank_shift_[index(slice.field)]);
    }
  }
  address.channel ^= channel_fold_.of(burst_number);
  address.bank ^= bank_fold_.of(burst_number);
  return address;
}

std::int64_t AddressMap::place(const DramAddress& unhashed) const {
  std::int64_t number = 0;
  for (const Slice& slice : slices_) {
    std::int64_t value = 0;
    switch (slice.field) {
      case AddressField::kChannel:
        value = unhashed.channel;
        break;
      case AddressField::kRow:
        value = unhashed.row;
        break;
      case AddressField::kColumn:
        value = unhashed.burst;
        break;
      default:
        value = unhashed.bank >> bank_shift_[index(slice.field)];
    }
    const std::int64_t mask = (std::int64_t{1} << slice.bits) - 1;
    number |= ((value >> slice.field_shift) & mask) << slice.shift;
  }
  return number;
}

/// XOR undoes itself: the row bits that stay as they are decide the bank, and with it the bits
/// above the channel field decide the channel.
std::int64_t AddressMap::encode(DramAddress address) const {
  if (std::max(channel_fold_.period(), bank_fold_.period()) > 1) {
    address.bank ^= bank_fold_.of(place(address));
    address.channel ^= channel_fold_.of(place(address));
  }
  return place(address);
}

}  // namespace mxsim
