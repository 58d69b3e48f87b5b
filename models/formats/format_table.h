#pragma once

#include <vector>

#include "models/formats/format_parser.h"
#include "models/formats/layout.h"

namespace mxsim {

/// Every named number format. One row adds a format: codec, quantizer, reports and tests iterate
/// this table.
const std::vector<FormatSpec>& format_table();

/// The row that means the same under another name, or the format itself.
FormatSpec table_row_or(FormatSpec format);

/// The format with the block shape that it is usually stored in.
DataLayout default_layout(const FormatSpec& format);

}  // namespace mxsim
