#include "sim/report/text_table.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>
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

/// Widths with the widest of the columns narrowed until `total`, what all take, is `width`.
std::vector<std::size_t> narrowed(std::vector<std::size_t> widths,
                                  const std::vector<std::size_t>& columns, std::size_t total,
                                  std::size_t width) {
  for (; total > width; --total) {
    const auto widest =
        std::max_element(columns.begin(), columns.end(),
                         [&](std::size_t a, std::size_t b) { return widths[a] < widths[b]; });
    if (widths[*widest] <= kNarrowest) break;
    --widths[*widest];
  }
  return widths;
}

/// Rows whose cells in these columns fit the widths; those that are too long go on in more rows.
template <class Row>
std::vector<Row> wrapped_rows(const std::vector<Row>& rows, const std::vector<std::size_t>& columns,
                              const std::vector<std::size_t>& widths) {
  std::vector<Row> wrapped;
  for (const Row& row : rows) {
    if (row.emphasis == Emphasis::kHeading) {
      wrapped.push_back(row);
      continue;
    }
    std::vector<Row> lines(1, {std::vector<std::string>(row.cells.size()), row.emphasis});
    for (const std::size_t i : columns) {
      std::vector<std::string> cell = lines_within(row.cells[i], widths[i]);
      if (lines.size() < cell.size()) {
        lines.resize(cell.size(), {std::vector<std::string>(row.cells.size()), row.emphasis});
      }
      for (std::size_t each = 0; each < cell.size(); ++each) {
        lines[each].cells[i] = std::move(cell[each]);
      }
    }
    wrapped.insert(wrapped.end(), lines.begin(), lines.end());
  }
  return wrapped;
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
  while (width_of_columns(columns) > width) {
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

std::string TextTable::line(const Row& row, const Columns& columns) const {
  if (row.emphasis == Emphasis::kHeading) return row.cells.front();
  std::string line;
  for (const std::size_t i : columns) {
    const std::string padding(widths_[i] - width_of(row.cells[i]), ' ');
    if (i != columns.front()) line += std::string(kGap, ' ');
    line += columns_[i].align == Align::kRight ? padding + row.cells[i] : row.cells[i] + padding;
  }
  line.erase(line.find_last_not_of(' ') + 1);
  return line;
}

std::string TextTable::render(const Columns& columns, Colour colour) const {
  std::string text;
  for (const Row& row : rows_) {
    text += emphasized(line(row, columns), row.emphasis, colour) + '\n';
  }
  return text;
}

std::string TextTable::text(Colour colour, std::size_t width) const {
  const Columns shown = fitting(width);
  if (width_of_columns(shown) <= width) return render(shown, colour);
  TextTable rest(std::vector<Column>{});
  rest.rows_.clear();
  for (const std::size_t i : shown) {
    rest.columns_.push_back(columns_[i]);
    rest.widths_.push_back(widths_[i]);
  }
  for (const Row& row : rows_) {
    Row& copy = rest.rows_.emplace_back(row);
    if (row.emphasis == Emphasis::kHeading) continue;
    copy.cells.clear();
    for (const std::size_t i : shown) copy.cells.push_back(row.cells[i]);
  }
  return rest.text_in_parts(width, shown.size() <= 2 ? shown.size() : 1, colour);
}

std::string TextTable::text_in_parts(std::size_t width, std::size_t fixed, Colour colour) const {
  const auto rendered = [&](const Columns& part) {
    if (width_of_columns(part) <= width) return render(part, colour);
    TextTable narrow = *this;
    narrow.widths_ = narrowed(widths_, part, width_of_columns(part), width);
    narrow.rows_ = wrapped_rows(rows_, part, narrow.widths_);
    return narrow.render(part, colour);
  };
  const Columns columns = all();
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
    text += (text.empty() ? "" : "\n") + rendered(part);
  }
  return text;
}

}  // namespace mxsim
