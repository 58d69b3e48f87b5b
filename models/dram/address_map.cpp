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
    slices_.push_back({slice->field, slice->bits, shift, field_shift, part_of(slice->field),
                       field_shift, (std::int64_t{1} << slice->bits) - 1});
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
  for (const AddressField field : kBankFieldsInnerFirst) {
    for (Slice& slice : slices_) {
      if (slice.field == field) slice.part_shift += bank_shift;
    }
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

AddressMap::Part AddressMap::part_of(AddressField field) {
  if (field == AddressField::kChannel) return kChannelPart;
  if (field == AddressField::kRow) return kRowPart;
  return field == AddressField::kColumn ? kBurstPart : kBankPart;
}

int AddressMap::position(AddressBit bit) const {
  const auto slice = std::find_if(slices_.begin(), slices_.end(), [&](const Slice& s) {
    return s.field == bit.field && bit.bit >= s.field_shift && bit.bit < s.field_shift + s.bits;
  });
  ensure(slice != slices_.end(), "an address hash takes a bit that the address map lacks");
  return slice->shift + bit.bit - slice->field_shift;
}

void AddressMap::count(std::int64_t begin, std::int64_t end, std::int64_t times,
                       std::vector<std::int64_t>& counts) const {
  const std::int64_t block = channel_block();
  const std::int64_t first = (begin + block - 1) & -block;
  const std::int64_t last = end & -block;
  if (first > last) return count_in_block(begin, end, times, counts);
  count_in_block(begin, first, times, counts);
  count_in_block(last, end, times, counts);
  if (first == last) return;
  const std::int64_t whole = times * ((last - first) >> channel_width_);
  for (std::int64_t& count : counts) count += whole;
}

void AddressMap::count_in_block(std::int64_t begin, std::int64_t end, std::int64_t times,
                                std::vector<std::int64_t>& counts) const {
  while (begin < end) {
    const std::int64_t next = std::min(end, ((begin >> channel_shift_) + 1) << channel_shift_);
    counts[static_cast<std::size_t>(channel_of(begin))] += times * (next - begin);
    begin = next;
  }
}

std::int64_t AddressMap::place(const DramAddress& unhashed) const {
  const Parts parts{unhashed.channel, unhashed.bank, unhashed.row, unhashed.burst};
  std::int64_t number = 0;
  for (const Slice& slice : slices_) {
    number |= ((parts[slice.part] >> slice.part_shift) & slice.mask) << slice.shift;
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
