#pragma once

#include <vector>

#include "models/formats/format_parser.h"
#include "models/formats/layout.h"

namespace mxsim {

/// Every named number format. One row adds a format: codec, quantizer, reports and tests iterate
/// this table.
const std::vector<FormatSpec>& format_table();

/// The format with the block shape that it is usually stored in.
DataLayout default_layout(const FormatSpec& format);

}  // namespace mxsim
