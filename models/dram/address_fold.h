#pragma once

#include <bit>
#include <cstdint>
#include <vector>

namespace mxsim {

/// The number that bits of a burst number make by XOR (DramDevice::channel_hash).
class AddressFold {
 public:
  /// Bit `bit` of the number takes part in the XOR of bit `from` of a burst number.
  void add(std::size_t bit, int from) {
    if (bit >= masks_.size()) masks_.resize(bit + 1, 0);
    masks_[bit] ^= std::uint64_t{1} << from;
    period_ |= std::uint64_t{1} << from;
  }
  int of(std::int64_t burst_number) const {
    int folded = 0;
    for (std::size_t bit = 0; bit < masks_.size(); ++bit) {
      const std::uint64_t taken = static_cast<std::uint64_t>(burst_number) & masks_[bit];
      folded |= (std::popcount(taken) & 1) << bit;
    }
    return folded;
  }
  /// Burst numbers that differ by it, a power of two, give the same number.
  std::int64_t period() const {
    return period_ == 0 ? 1 : static_cast<std::int64_t>(std::bit_floor(period_)) * 2;
  }

 private:
  std::vector<std::uint64_t> masks_;
  std::uint64_t period_ = 0;
};

}  // namespace mxsim
