#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "models/formats/block_shape.h"
#include "models/formats/number_spec.h"

namespace mxsim {

/// How the shared scale follows from a block's largest magnitude (amax). Power-of-two scales start
/// at floor(log2 amax) - emax of the elements and go one up when the scaled maximum: kUp rounds
/// past the largest element value; kCeil exceeds it (so that nothing saturates); kMidmax exceeds
/// the midpoint of it and the next power of two; kEven rounds up to the next power of two at the
/// element's precision. kFloor (OCP MX v1.0) never goes up.
enum class ScaleRule : std::uint8_t { kFloor, kUp, kCeil, kMidmax, kEven };

/// A number format as data.
struct FormatSpec {
  std::string name = "fp32";
  int element_bits = 32;
  int scale_bits = 0;  ///< bits of the shared scale of one block; 0: no block scale
  NumberSpec element;
  std::optional<NumberSpec> scale;  ///< numbers the block scale is taken from
  BlockShape default_block;
  ScaleRule scale_rule = ScaleRule::kFloor;

  bool operator==(const FormatSpec&) const = default;
};

}  // namespace mxsim
