#pragma once

#include <cstdint>
#include <ostream>

#include "sim/report/text_style.h"

namespace mxsim {

enum class OutputStyle : std::uint8_t { kText, kJson };

/// Where a command speaks. With kJson `out` gets the machine-readable result alone; everything a
/// person reads goes to notes().
struct Console {
  std::ostream& out;
  std::ostream& err;
  OutputStyle style = OutputStyle::kText;
  TextStyle text = {};  ///< of what a person reads

  bool json() const { return style == OutputStyle::kJson; }
  std::ostream& notes() const { return json() ? err : out; }
};

}  // namespace mxsim
