#pragma once

namespace mxsim {

/// The widest significand that a second rounding may have.
inline constexpr int kBitsAfterRoundToOdd = 22;

/// `value` as float32, where an inexact value becomes the neighbour whose last bit is 1: rounding
/// that again to at most kBitsAfterRoundToOdd significant bits gives what rounding `value` once
/// would (Boldo and Melquiond, 2008).
float round_to_odd(double value);

}  // namespace mxsim
