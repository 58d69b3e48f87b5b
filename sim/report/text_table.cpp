#include "sim/report/text_table.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>
#include <utility>

#include "models/core/error.h"
#include "models/core/safe_text.h"

namespace mxsim {
namespace {

constexpr std::size_t kGap = 2;

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
  return render(fitting(width), colour);
}

std::string TextTable::text_in_parts(std::size_t width, std::size_t fixed, Colour colour) const {
  std::string text;
  for (std::size_t next = fixed; next < columns_.size() || text.empty();) {
    Columns columns(fixed);
    std::iota(columns.begin(), columns.end(), std::size_t{0});
    do {
      if (next == columns_.size()) break;
      columns.push_back(next++);
      // One more column is tried at a time, so that a part has at least one of its own.
      if (next == columns_.size()) break;
      columns.push_back(next);
      const bool fits = width_of_columns(columns) <= width;
      columns.pop_back();
      if (!fits) break;
    } while (true);
    text += (text.empty() ? "" : "\n") + render(columns, colour);
  }
  return text;
}

}  // namespace mxsim
