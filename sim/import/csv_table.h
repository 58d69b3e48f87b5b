#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace mxsim {

/// One row that holds something. Cells have neither quotes nor blanks around them; empty cells at
/// the end of a row are left out.
struct CsvRow {
  std::size_t line = 0;  ///< from 1
  std::vector<std::string> cells;
};

/// Rows of a spreadsheet's text export as people hand it around: byte order mark, CRLF, blank rows,
/// rows of separators alone, and commas, semicolons or tabs between cells (whichever occurs most).
std::vector<CsvRow> read_csv(std::string_view text);

}  // namespace mxsim
