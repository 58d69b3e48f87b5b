#pragma once

#include "models/energy/datapath.h"

namespace mxsim {

/// What a lane adds to an element that it rounds stochastically: a linear-feedback shift register
/// of 16 bits and the adder of its word (formats: 16 bits of the fraction below a step).
DatapathSize stochastic_rounder();

/// An FP32 adder of a Hadamard transform's butterfly with its result register.
DatapathSize hadamard_adder();

}  // namespace mxsim
