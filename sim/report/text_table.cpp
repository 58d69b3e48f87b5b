#include "sim/report/text_table.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>
#include <sstream>
#include <string_view>
#include <utility>

#include "models/core/error.h"
#include "models/core/safe_text.h"

namespace mxsim {
namespace {

constexpr std::size_t kGap = 2;
/// Columns are not narrowed below it.
constexpr std::size_t kNarrowest = 12;

const char* escape_of(Emphasis emphasis) {
  switch (emphasis) {
    case Emphasis::kHeading:
      return "\x1b[1;36m";
    case Emphasis::kTotal:
      return "\x1b[1m";
    case Emphasis::kDetail:
      return "\x1b[2m";
    case Emphasis::kGain:
      return "\x1b[1;32m";
    case Emphasis::kNone:
      return "";
  }
  throw InternalError("an emphasis without colour");
}

/// Bytes of the first `columns` columns of UTF-8 text.
std::size_t bytes_of(std::string_view text, std::size_t columns) {
  std::size_t at = 0;
  for (std::size_t seen = 0; at < text.size(); ++at) {
    const bool starts = (static_cast<unsigned char>(text[at]) & 0xc0u) != 0x80u;
    if (starts && seen++ == columns) break;
  }
  return at;
}

/// The first line of a text that is longer, taken off it: up to a space, or behind a mark, or full.
std::string take_line(std::string_view& text, std::size_t width) {
  const std::size_t most = bytes_of(text, width);
  const std::size_t space = text.rfind(' ', most);
  const bool at_space = space != std::string_view::npos && space > 0;
  const std::size_t mark = text.substr(0, most).find_last_of(",;:/_-+|");
  const std::size_t end = at_space ? space : mark != std::string_view::npos ? mark + 1 : most;
  std::string line(text.substr(0, end));
  text.remove_prefix(end);
  while (text.starts_with(' ')) text.remove_prefix(1);
  return line;
}

std::vector<std::string> lines_within(const std::string& text, std::size_t width) {
  std::vector<std::string> lines;
  std::string_view rest = text;
  while (width_of(std::string(rest)) > width) lines.push_back(take_line(rest, width));
  lines.emplace_back(rest);
  return lines;
}

}  // namespace

std::size_t width_of(const std::string& text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xc0u) != 0x80u;
  }));
}

std::string emphasized(const std::string& text, Emphasis emphasis, Colour colour) {
  if (colour == Colour::kOff || emphasis == Emphasis::kNone) return text;
  return escape_of(emphasis) + text + "\x1b[0m";
}

std::string wrapped(const std::string& text, std::size_t width, std::size_t indent) {
  std::string lines;
  std::string line;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find(' ', at), text.size());
    const std::string word = text.substr(at, end - at);
    if (!line.empty() && width_of(line) + 1 + width_of(word) > width) {
      lines += line + "\n";
      line = std::string(indent, ' ') + word;
    } else {
      line += (at == 0 ? "" : " ") + word;
    }
    at = end + 1;
  }
  return lines + line;
}

std::string wrapped_lines(const std::string& text, std::size_t width, std::size_t indent) {
  std::string lines;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) lines += wrapped(line, width, indent) + "\n";
  return lines;
}

TextTable::TextTable(std::vector<Column> columns) : columns_(std::move(columns)) {
  std::vector<std::string> titles;
  for (const Column& column : columns_) titles.push_back(column.title);
  widths_.resize(columns_.size(), 0);
  add_row(std::move(titles), Emphasis::kTotal);
}

void TextTable::add_row(std::vector<std::string> cells, Emphasis emphasis) {
  ensure(cells.size() == columns_.size(), "a table row with a cell for every column");
  for (std::size_t i = 0; i < cells.size(); ++i) {
    cells[i] = escaped(cells[i]);
    widths_[i] = std::max(widths_[i], width_of(cells[i]));
  }
  rows_.push_back({std::move(cells), emphasis});
}

void TextTable::add_heading(const std::string& text) {
  rows_.push_back({{escaped(text)}, Emphasis::kHeading});
}

TextTable::Columns TextTable::all() const {
  Columns columns(columns_.size());
  std::iota(columns.begin(), columns.end(), std::size_t{0});
  return columns;
}

std::size_t TextTable::width_of_columns(const Columns& columns) const {
  std::size_t width = 0;
  for (const std::size_t i : columns) width += widths_[i] + kGap;
  return columns.empty() ? 0 : width - kGap;
}

std::size_t TextTable::width() const { return width_of_columns(all()); }

TextTable::Columns TextTable::fitting(std::size_t width) const {
  Columns columns = all();
  while (least_width_of(columns) > width) {
    const auto least = std::max_element(
        columns.begin(), columns.end(),
        [&](std::size_t a, std::size_t b) { return columns_[a].rank < columns_[b].rank; });
    if (columns_[*least].rank == 0) break;
    columns.erase(least);
  }
  return columns;
}

std::vector<std::string> TextTable::left_out(std::size_t width) const {
  const Columns shown = fitting(width);
  std::vector<std::string> titles;
  for (const std::size_t i : all()) {
    if (std::find(shown.begin(), shown.end(), i) == shown.end()) {
      titles.push_back(columns_[i].title);
    }
  }
  return titles;
}

std::size_t TextTable::least_width_of(const Columns& columns) const {
  std::size_t width = width_of_columns(columns);
  for (const std::size_t i : columns) {
    if (columns_[i].wraps) width -= widths_[i] - std::min(widths_[i], kNarrowest);
  }
  return width;
}

std::vector<std::size_t> TextTable::narrowed(const Columns& columns, std::size_t width) const {
  std::vector<std::size_t> widths = widths_;
  std::size_t total = width_of_columns(columns);
  const bool prose_alone = least_width_of(columns) <= width;
  while (total > width) {
    std::size_t widest = columns.front();
    const auto weight = [&](std::size_t i) {
      return prose_alone && !columns_[i].wraps ? std::size_t{0} : widths[i];
    };
    for (const std::size_t i : columns) {
      if (weight(i) > weight(widest)) widest = i;
    }
    if (weight(widest) <= kNarrowest) break;
    --widths[widest];
    --total;
  }
  return widths;
}

std::string TextTable::line(const Row& row, const Columns& columns,
                            const std::vector<std::size_t>& widths, Colour colour) const {
  if (row.emphasis == Emphasis::kHeading) {
    return emphasized(row.cells.front(), row.emphasis, colour) + '\n';
  }
  std::vector<std::vector<std::string>> cells(columns_.size());
  std::size_t height = 1;
  for (const std::size_t i : columns) {
    cells[i] = lines_within(row.cells[i], widths[i]);
    height = std::max(height, cells[i].size());
  }
  std::string text;
  for (std::size_t each = 0; each < height; ++each) {
    std::string line;
    for (const std::size_t i : columns) {
      const std::string cell = each < cells[i].size() ? cells[i][each] : "";
      const std::string padding(widths[i] - width_of(cell), ' ');
      if (i != columns.front()) line += std::string(kGap, ' ');
      line += columns_[i].align == Align::kRight ? padding + cell : cell + padding;
    }
    line.erase(line.find_last_not_of(' ') + 1);
    text += emphasized(line, row.emphasis, colour) + '\n';
  }
  return text;
}

std::string TextTable::render(const Columns& columns, std::size_t width, Colour colour) const {
  const std::vector<std::size_t> widths = narrowed(columns, width);
  std::string text;
  for (const Row& row : rows_) text += line(row, columns, widths, colour);
  return text;
}

std::string TextTable::text(Colour colour, std::size_t width) const {
  const Columns columns = fitting(width);
  if (columns.size() <= 2 || least_width_of(columns) <= width) {
    return render(columns, width, colour);
  }
  return in_parts(columns, width, 1, colour);
}

std::string TextTable::text_in_parts(std::size_t width, std::size_t fixed, Colour colour) const {
  return in_parts(all(), width, fixed, colour);
}

std::string TextTable::in_parts(const Columns& columns, std::size_t width, std::size_t fixed,
                                Colour colour) const {
  const auto own = columns.begin() + static_cast<std::ptrdiff_t>(std::min(fixed, columns.size()));
  std::string text;
  for (auto next = own; next != columns.end() || text.empty();) {
    Columns part(columns.begin(), own);
    // A part has at least one column of its own.
    for (bool first = true; next != columns.end(); first = false, ++next) {
      part.push_back(*next);
      if (first || width_of_columns(part) <= width) continue;
      part.pop_back();
      break;
    }
    text += (text.empty() ? "" : "\n") + render(part, width, colour);
  }
  return text;
}

}  // namespace mxsim
