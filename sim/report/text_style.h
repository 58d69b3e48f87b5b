#pragma once

#include <cstddef>
#include <cstdint>

#include "sim/report/text_table.h"

namespace mxsim {

/// Whether a text lists every assumption, or their number and those that matter most.
enum class AssumptionList : std::uint8_t { kShort, kWhole };

/// How a result is written for people.
struct TextStyle {
  std::size_t width = 80;  ///< columns of the terminal
  Colour colour = Colour::kOff;
  AssumptionList assumptions = AssumptionList::kShort;
};

}  // namespace mxsim
