#pragma once

#include <array>
#include <optional>
#include <string>
#include <vector>

#include "models/core/rng.h"
#include "sim/kernel/stall_source.h"

namespace mxsim {

/// Holds up every other item of all channels, or of one, by up to `longest` cycles, drawn from a
/// seed.
class RandomStalls : public StallSource {
 public:
  RandomStalls(std::uint64_t seed, std::int64_t longest, std::optional<Channel> only = std::nullopt)
      : longest_(static_cast<std::uint64_t>(longest)), only_(only) {
    for (std::size_t channel = 0; channel < kChannelCount; ++channel) {
      drawn_.emplace_back(seed, "channel " + std::to_string(channel));
    }
  }

  Cycles stall(Channel channel, Unit unit, std::uint64_t item) const override {
    if (only_ && channel != *only_) return Cycles(0);
    const CounterRng& rng = drawn_[static_cast<std::size_t>(channel)];
    const std::uint64_t bits = rng.bits(item * kUnitCount + static_cast<std::uint64_t>(unit));
    return Cycles(static_cast<std::int64_t>(bits % 2 * ((bits >> 8) % (longest_ + 1))));
  }

 private:
  std::uint64_t longest_;
  std::optional<Channel> only_;
  std::vector<CounterRng> drawn_;
};

}  // namespace mxsim
