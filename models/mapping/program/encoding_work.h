#pragma once

#include "models/formats/format_spec.h"
#include "models/formats/hadamard.h"
#include "models/mapping/program/program.h"

namespace mxsim {

/// What one copy of `elements` in `format` takes of the re-quantization unit. Random words and
/// transforms keep pace with its lanes.
inline RequantWork encoding_work(std::int64_t elements, const FormatSpec& format, bool decodes,
                                 std::int64_t patch_rows = 0) {
  const bool draws = format.rounding == Rounding::kStochastic;
  return {
      elements,  1, decodes, draws ? elements : 0, elements * hadamard_additions(format.hadamard),
      patch_rows};
}

}  // namespace mxsim
