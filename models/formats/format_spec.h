#pragma once

#include <string>

namespace mxsim {

/// A number format as data.
struct FormatSpec {
  std::string name = "fp32";
  int element_bits = 32;
  int scale_bits = 0;  ///< bits of the shared scale of one block; 0: no block scale

  bool operator==(const FormatSpec&) const = default;
};

}  // namespace mxsim
