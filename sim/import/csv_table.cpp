#include "sim/import/csv_table.h"

#include <algorithm>

namespace mxsim {
namespace {

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view kAround = " \t\r\"";
  const std::size_t first = text.find_first_not_of(kAround);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kAround) - first + 1);
}

char separator_of(std::string_view text) {
  const auto count = [&](char c) { return std::count(text.begin(), text.end(), c); };
  char best = ',';
  for (const char c : {';', '\t'}) {
    if (count(c) > count(best)) best = c;
  }
  return best;
}

/// Cells behind the last column that any table has are left out.
std::vector<std::string> cells_of(std::string_view line, char separator) {
  constexpr std::size_t kMostCells = 1000;
  std::vector<std::string> cells;
  while (cells.size() < kMostCells) {
    const std::size_t end = line.find(separator);
    cells.emplace_back(trimmed(line.substr(0, end)));
    if (end == std::string_view::npos) break;
    line.remove_prefix(end + 1);
  }
  while (!cells.empty() && cells.back().empty()) cells.pop_back();
  return cells;
}

}  // namespace

std::vector<CsvRow> read_csv(std::string_view text) {
  constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
  if (text.starts_with(kByteOrderMark)) text.remove_prefix(kByteOrderMark.size());
  const char separator = separator_of(text);
  std::vector<CsvRow> rows;
  for (std::size_t line = 1; !text.empty(); ++line) {
    const std::size_t end = std::min(text.find_first_of("\n\r"), text.size());
    CsvRow row{line, cells_of(text.substr(0, end), separator)};
    if (!row.cells.empty()) rows.push_back(std::move(row));
    text.remove_prefix(end);
    if (text.starts_with("\r\n")) text.remove_prefix(1);
    if (!text.empty()) text.remove_prefix(1);
  }
  return rows;
}

}  // namespace mxsim
