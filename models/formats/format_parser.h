#pragma once

#include <string_view>

#include "models/formats/format_spec.h"

namespace mxsim {

/// The format that a text names; a text that means the same as a row of format_table() gives that
/// row. Throws InputError, e.g. `unknown format "mxfs", did you mean "mxsf"?`.
///
///   format   := (row of format_table() | datatype) { ":" parameter }       (format_parameters.h)
///   datatype := number [ "," scale [ "," name ] ]           (TensorCast's grammar, no codebooks)
///   number   := "int"K | "uint"K (K 2..32) | "e"X"m"Y["b"Z][specials] (X 1..8, Y 0..23)
///             | "float32" | "float16" | "bfloat16" | "float8_e4m3fn" | ...
///   specials := "fn" (all ones is NaN) | "fnuz" (-0 is NaN) | "fin" (every code is a number);
///               none: IEEE infinities and NaNs; "e"X"m0" without: unsigned powers of two
///   scale    := number [ "_" number ] { "_t"T["s"S]["o"O]["d"D] }
///
/// The second number of a scale is the zero point of unsigned elements, else the tensor scale. T
/// elements share a scale along axis D (0 rows, 1 columns, default: the last); 0: the whole axis;
/// two tiles without D: rows, then columns; no tile: the whole tensor. S elements share an offset
/// of O bits. Under a block scale "fnuz" means "fin": NaN lives in the scale.
FormatSpec parse_format(std::string_view text);

}  // namespace mxsim
