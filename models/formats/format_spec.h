#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>

#include "models/formats/block_shape.h"
#include "models/formats/number_spec.h"
#include "models/formats/rounding.h"

namespace mxsim {

/// How the power-of-two scale follows from a block's largest magnitude (amax). It starts at
/// floor(log2 amax) - emax of the elements and goes one up when the scaled maximum: kUp rounds past
/// the largest element value; kCeil exceeds it (so that nothing saturates); kMidmax reaches the
/// midpoint of it and the next power of two (TensorCast's text); kMidmaxStep exceeds it by more
/// than half a step of the top binade (TensorCast's code: of "fn" elements 464, not 480, for E4M3);
/// kEven rounds up to the next power of two at the element's precision. kFloor (OCP MX v1.0) never
/// goes up. A second quantization changes nothing (kEven: when elements round to nearest even).
/// Other scales (FP32, E4M3) are amax / largest element value, rounded to nearest even, whatever
/// the rule.
enum class ScaleRule : std::uint8_t { kFloor, kUp, kCeil, kMidmax, kMidmaxStep, kEven };
inline constexpr std::array kScaleRules{ScaleRule::kFloor,      ScaleRule::kUp,
                                        ScaleRule::kCeil,       ScaleRule::kMidmax,
                                        ScaleRule::kMidmaxStep, ScaleRule::kEven};

/// What of a block's magnitudes the scale maps to the largest element value: the maximum, or the
/// mean (binary and ternary weights: XNOR-Net arXiv 1603.05279, BitNet b1.58 arXiv 2402.17764).
enum class ScaleStatistic : std::uint8_t { kMaximum, kMean };

/// What a NaN or an infinity does to the block it stands in. kPoisonBlock: the scale becomes NaN.
/// kSaturate: the scale comes from the finite elements; infinities become the largest element value
/// (2^-127 times it in a block without a finite non-zero element, 0 under a floating-point scale),
/// NaN becomes the element's NaN or zero.
enum class NanPolicy : std::uint8_t { kPoisonBlock, kSaturate };

/// A second level below the block scale (arXiv 2302.08007, "shared microexponents"): each
/// sub-block's scale is the block's less an offset of this many bits.
struct SubBlockOffsets {
  BlockShape shape;  ///< divides the block
  int bits = 1;
  bool operator==(const SubBlockOffsets&) const = default;
};

/// A number format as data: elements, and how blocks of them are scaled. A stored element is
/// tensor scale * block scale * 2^-offset * (element - zero point), absent parts left out.
struct FormatSpec {
  std::string name = "fp32";
  int element_bits = 32;
  int scale_bits = 0;  ///< bits stored once a block: scale and zero point; 0: no block scale
  NumberSpec element;
  std::optional<NumberSpec> scale;         ///< numbers that block scales are taken from
  std::optional<NumberSpec> zero_point;    ///< integers; affine formats with unsigned elements
  std::optional<NumberSpec> tensor_scale;  ///< a scale of the block scales, one a tensor
  std::optional<SubBlockOffsets> offsets;
  BlockShape default_block;
  bool fixed_block = false;  ///< the name states the block: no other is put in its place
  ScaleRule scale_rule = ScaleRule::kFloor;
  ScaleStatistic scale_statistic = ScaleStatistic::kMaximum;
  NanPolicy nan_policy = NanPolicy::kPoisonBlock;
  Rounding rounding = Rounding::kNearestEven;  ///< of elements, where nothing else is asked for
  int hadamard = 0;  ///< points of the transform that comes before quantization; 0: none

  bool operator==(const FormatSpec&) const = default;
};

}  // namespace mxsim
