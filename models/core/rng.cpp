#include "models/core/rng.h"

namespace mxsim {
namespace {

constexpr std::uint64_t kGoldenGamma = 0x9e3779b97f4a7c15u;

std::uint64_t mix(std::uint64_t z) {
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
  return z ^ (z >> 31);
}

}  // namespace

std::uint64_t stable_hash(std::string_view text, std::uint64_t state) {
  for (const char c : text) state = (state ^ static_cast<unsigned char>(c)) * 0x100000001b3u;
  return state;
}

CounterRng::CounterRng(std::uint64_t seed, std::string_view stream)
    : key_(mix(mix(seed + kGoldenGamma) ^ stable_hash(stream))) {}

std::uint64_t CounterRng::bits(std::uint64_t index) const {
  return mix(key_ + (index + 1) * kGoldenGamma);
}

double CounterRng::uniform(std::uint64_t index) const {
  return static_cast<double>(bits(index) >> 11) * 0x1.0p-53;
}

// A sum of twelve uniforms (Irwin-Hall): additions only, so every libm and compiler gives the same
// bits; tails end at 6 deviations.
double CounterRng::normal(std::uint64_t index) const {
  double sum = -6.0;
  for (std::uint64_t k = 0; k < 12; ++k) sum += uniform(index * 12 + k);
  return sum;
}

}  // namespace mxsim
