#pragma once

#include <string>
#include <string_view>

#include "models/core/shape.h"

namespace mxsim {

/// The Python dictionary that a .npy file begins with.
struct NpyHeader {
  std::string descr;  ///< e.g. "<f4"
  bool fortran_order = false;
  Shape shape;
};

/// Parses e.g. `{'descr': '<f4', 'fortran_order': False, 'shape': (3, 4), }`. Throws InputError
/// without file name: the text is no such dictionary, a key is missing, unknown or given twice, or
/// an extent is not in 0..2^62.
NpyHeader parse_npy_header(std::string_view text);

}  // namespace mxsim
