#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <vector>

namespace mxsim {

/// The number that bits of a burst number make by XOR (DramDevice::channel_hash), looked up byte by
/// byte.
class AddressFold {
 public:
  /// Bit `bit` of the number takes part in the XOR of bit `from` of a burst number.
  void add(std::size_t bit, int from) {
    Byte& byte = byte_of(from);
    for (std::size_t value = 0; value < byte.numbers.size(); ++value) {
      if (value >> (from - byte.shift) & 1) byte.numbers[value] ^= 1 << bit;
    }
    period_ |= std::uint64_t{1} << from;
  }
  int of(std::int64_t burst_number) const {
    int folded = 0;
    for (const Byte& byte : bytes_) folded ^= byte.numbers[(burst_number >> byte.shift) & 0xFF];
    return folded;
  }
  /// Burst numbers that differ by it, a power of two, give the same number.
  std::int64_t period() const {
    return period_ == 0 ? 1 : static_cast<std::int64_t>(std::bit_floor(period_)) * 2;
  }

 private:
  /// What the byte at `shift` of a burst number adds.
  struct Byte {
    int shift = 0;
    std::array<int, 256> numbers{};
  };
  Byte& byte_of(int bit) {
    const int shift = bit / 8 * 8;
    const auto known = std::find_if(bytes_.begin(), bytes_.end(),
                                    [&](const Byte& byte) { return byte.shift == shift; });
    return known != bytes_.end() ? *known : bytes_.emplace_back(Byte{shift, {}});
  }

  std::vector<Byte> bytes_;
  std::uint64_t period_ = 0;
};

}  // namespace mxsim
