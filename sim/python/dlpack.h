#pragma once

#include <pybind11/numpy.h>

namespace mxsim {

/// The bits of a DLPack capsule's elements, copied in C order, when they are bfloat16 in the memory
/// of the CPU; else None. The capsule stays its owner's.
pybind11::object bfloat16_words(const pybind11::capsule& capsule);

}  // namespace mxsim
