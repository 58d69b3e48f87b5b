#include "models/energy/rounding_cost.h"

namespace mxsim {

DatapathSize stochastic_rounder() {
  constexpr double kWordBits = 16;
  DatapathSize size;
  size.adder_bits = kWordBits;
  size.flop_bits = kWordBits;
  return size;
}

// A product of one bit leaves the adder of float_datapath alone.
DatapathSize hadamard_adder() {
  OperandElement one;
  one.significand_bits = 0;
  DatapathSize size = float_datapath(one, one, kFp32Sum);
  size.multiplier_bits2 = 0;
  return size;
}

}  // namespace mxsim
