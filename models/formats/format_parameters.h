#pragma once

#include <string_view>

#include "models/formats/format_spec.h"

namespace mxsim {

/// The format with the parameters of `text` (the whole name, for errors) after its first colon,
/// separated by colons, each at most once:
///
///   "floor" | "up" | "ceil" | "midmax" | "midmax_step" | "even"    scale rule; power-of-two scales
///   "nan=poison" | "nan=saturate"                  NanPolicy; formats with block scale
///   "overflow=saturate" | "overflow=infinity"      Overflow; elements with infinity or NaN
///   "subnormals=keep" | "subnormals=flush"         floating-point elements
///   "rounding=rne" | "rounding=sr"                 how runs and quantize round elements
///   "hadamard="16 | 32                             transform before quantization; operands in
///                                                  blocks of one row, in runs
///   ROWSxCOLUMNS | COLUMNS (one row)               block; formats with block scale
///   "bias="5..16                                   of MXSF's small mode
///   "boundary=carry" | "boundary=clamp"            what rounds past MXSF's small mode
///
/// Parameters that differ from the format's own become part of its name, in that order of bias,
/// boundary, overflow, subnormals, scale rule, NaN policy, rounding, hadamard, block. Throws
/// InputError.
FormatSpec with_parameters(FormatSpec format, std::string_view text, std::string_view parameters);

/// A block as a parameter behind a format's name: ":8x8".
std::string block_suffix(const BlockShape& block);

/// Its name without a block behind the last colon.
std::string_view name_without_block(const FormatSpec& format);

/// The same format for operands that are not transformed.
FormatSpec without_hadamard(FormatSpec format);

}  // namespace mxsim
