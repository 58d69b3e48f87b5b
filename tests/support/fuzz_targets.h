#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace mxsim {

/// Everything that reads bytes of others. run() takes any input and returns: a refusal is an
/// InputError, which it swallows; every other exception, signal or report of a sanitizer is a bug.
struct FuzzTarget {
  std::string name;
  std::function<void(std::string_view input)> run;
  std::function<std::vector<std::string>()> seeds;  ///< good and hostile inputs to begin with
};

const std::vector<FuzzTarget>& fuzz_targets();
/// Throws std::out_of_range for an unknown name.
const FuzzTarget& fuzz_target(const std::string& name);

/// A seeded change of `input`: bits, ranges, tokens that parsers stumble over.
std::string mutated(const std::string& input, std::uint64_t seed);

}  // namespace mxsim
