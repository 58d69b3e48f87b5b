#pragma once

#include <cstdint>
#include <string_view>

namespace mxsim {

/// Counter-based random numbers (SplitMix64 finaliser, Steele et al., OOPSLA 2014): value i of a
/// stream is a pure function of (seed, stream, i), so results depend on neither the order nor the
/// number of threads.
class CounterRng {
 public:
  CounterRng(std::uint64_t seed, std::string_view stream);

  std::uint64_t bits(std::uint64_t index) const;
  double uniform(std::uint64_t index) const;  ///< [0, 1), 53 bits
  double normal(std::uint64_t index) const;   ///< mean 0, deviation 1; platform-independent bits

 private:
  std::uint64_t key_;
};

/// FNV-1a, 64 bits: a stable hash for names and canonical texts (not for security).
std::uint64_t stable_hash(std::string_view text, std::uint64_t state = 0xcbf29ce484222325u);

}  // namespace mxsim
