#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace mxsim {

/// The part of a training step a piece of work belongs to.
enum class Pass : std::uint8_t { kForward, kBackwardData, kBackwardWeight, kUpdate };

inline constexpr std::array<Pass, 4> kAllPasses{Pass::kForward, Pass::kBackwardData,
                                                Pass::kBackwardWeight, Pass::kUpdate};

/// "forward", "backward_data", "backward_weight", "update"
std::string_view to_string(Pass pass);

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
