#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace mxsim {

/// The part of a training step a piece of work belongs to.
/// kRecompute: forward work done again for the backward pass.
enum class Pass : std::uint8_t { kForward, kBackwardData, kBackwardWeight, kUpdate, kRecompute };

inline constexpr std::array<Pass, 5> kAllPasses{
    Pass::kForward, Pass::kBackwardData, Pass::kBackwardWeight, Pass::kUpdate, Pass::kRecompute};

/// "forward", "backward_data", "backward_weight", "update", "recompute"
std::string_view to_string(Pass pass);

/// Whose formats, dataflow and operands a pass has: forward for work that is done again.
constexpr Pass like(Pass pass) { return pass == Pass::kRecompute ? Pass::kForward : pass; }

/// One value for each pass that contains GEMMs.
template <class T>
struct PerPass {
  T forward;
  T backward_data;
  T backward_weight;

  const T& operator[](Pass pass) const {
    return pass == Pass::kBackwardData     ? backward_data
           : pass == Pass::kBackwardWeight ? backward_weight
                                           : forward;
  }
  bool operator==(const PerPass&) const = default;
};

}  // namespace mxsim
