#pragma once

#include <string_view>
#include <vector>

#include "models/formats/layout.h"

namespace mxsim {

/// Every named number format. One row adds a format: codec, quantizer, reports and tests iterate
/// this table.
const std::vector<FormatSpec>& format_table();

/// The format of that name. Throws InputError, e.g. `unknown format "mxfs", did you mean "mxsf"?`.
FormatSpec parse_format(std::string_view name);

/// The format with the block shape that it is usually stored in.
DataLayout default_layout(const FormatSpec& format);

}  // namespace mxsim
