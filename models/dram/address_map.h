#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <vector>

#include "models/dram/address_fold.h"
#include "models/dram/dram_device.h"

namespace mxsim {

struct DramAddress {
  int channel = 0;
  int bank = 0;  ///< flat within the channel, outer units first
  std::int64_t row = 0;
  std::int64_t burst = 0;  ///< within the row
  bool operator==(const DramAddress&) const = default;
};

/// Burst number (byte address / burst bytes) to place and back. Addresses beyond the capacity wrap.
/// A channel hash permutes the channels of each aligned block of burst numbers in which the channel
/// field takes every value; a bank hash permutes the banks of each row number.
class AddressMap {
 public:
  explicit AddressMap(const DramDevice& device);

  DramAddress decode(std::int64_t burst_number) const {
    Parts parts{};
    for (const Slice& slice : slices_) {
      parts[slice.part] |= ((burst_number >> slice.shift) & slice.mask) << slice.part_shift;
    }
    return {static_cast<int>(parts[kChannelPart]) ^ channel_fold_.of(burst_number),
            static_cast<int>(parts[kBankPart]) ^ bank_fold_.of(burst_number), parts[kRowPart],
            parts[kBurstPart]};
  }
  int channel_of(std::int64_t burst_number) const {
    return static_cast<int>((burst_number >> channel_shift_) & (channels() - 1)) ^
           channel_fold_.of(burst_number);
  }
  std::int64_t encode(DramAddress address) const;

  int burst_shift() const { return burst_shift_; }
  std::int64_t burst_of(std::int64_t byte_address) const { return byte_address >> burst_shift_; }
  int channels() const { return 1 << channel_width_; }

  /// Bursts of `channel` among the burst numbers [0, end): closed form.
  std::int64_t bursts_below(std::int64_t end, int channel) const {
    const std::int64_t granule = std::int64_t{1} << channel_shift_;
    const std::int64_t rest = end & (channel_block() - 1);
    const std::int64_t slot = channel ^ channel_fold_.of(end);
    const std::int64_t part = std::clamp<std::int64_t>(rest - slot * granule, 0, granule);
    return ((end >> (channel_shift_ + channel_width_)) << channel_shift_) + part;
  }
  /// Burst `index` of the channel: that many of its bursts have smaller numbers.
  std::int64_t burst_at(std::int64_t index, int channel) const {
    const std::int64_t block = index >> channel_shift_ << (channel_shift_ + channel_width_);
    const std::int64_t slot = channel ^ channel_fold_.of(block);
    return block | slot << channel_shift_ | (index & ((std::int64_t{1} << channel_shift_) - 1));
  }
  /// Adds the bursts of each channel among the burst numbers [begin, end) to `counts`, so many
  /// times.
  void count(std::int64_t begin, std::int64_t end, std::int64_t times,
             std::vector<std::int64_t>& counts) const;
  /// Aligned runs of so many burst numbers are next to each other in one row.
  std::int64_t granule() const { return std::int64_t{1} << granule_bits_; }
  /// Burst numbers that differ by this lie in the same channel.
  std::int64_t channel_period() const { return std::max(channel_block(), channel_fold_.period()); }
  /// Rows after which the banks of a channel come in the same order again.
  std::int64_t bank_hash_rows() const { return bank_hash_rows_; }
  /// log2 of the length of the aligned stretches of burst numbers in which only the channel and the
  /// burst within the row change, the latter counting up by one within each channel.
  int stretch_bits() const { return stretch_bits_; }

 private:
  enum Part : std::size_t { kChannelPart, kBankPart, kRowPart, kBurstPart, kParts };
  using Parts = std::array<std::int64_t, kParts>;  ///< of a DramAddress
  struct Slice {
    AddressField field;
    int bits;
    int shift;        ///< in the burst number
    int field_shift;  ///< in the field
    Part part;
    int part_shift;
    std::int64_t mask;
  };
  static Part part_of(AddressField field);

  std::int64_t channel_block() const {
    return std::int64_t{1} << (channel_shift_ + channel_width_);
  }
  /// Of numbers in one block of channels.
  void count_in_block(std::int64_t begin, std::int64_t end, std::int64_t times,
                      std::vector<std::int64_t>& counts) const;
  int position(AddressBit bit) const;  ///< in the burst number
  std::int64_t place(const DramAddress& unhashed) const;

  std::vector<Slice> slices_;  ///< least significant first
  AddressFold channel_fold_;
  AddressFold bank_fold_;
  std::int64_t bank_hash_rows_ = 1;
  int burst_shift_ = 0;
  int channel_shift_ = 0;
  int channel_width_ = 0;
  int granule_bits_ = 0;
  int stretch_bits_ = 0;
};

}  // namespace mxsim
