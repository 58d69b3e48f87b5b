#include "sim/report/text_table.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "models/core/error.h"
#include "models/core/safe_text.h"

namespace mxsim {
namespace {

std::size_t width_of(const std::string& text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xc0u) != 0x80u;
  }));
}

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

std::string emphasized(const std::string& text, Emphasis emphasis, Colour colour) {
  if (colour == Colour::kOff || emphasis == Emphasis::kNone) return text;
  return escape_of(emphasis) + text + "\x1b[0m";
}

TextTable::TextTable(std::vector<Column> columns) : columns_(std::move(columns)) {
  std::vector<std::string> titles;
  for (const Column& column : columns_) titles.push_back(column.title);
  rows_.push_back({std::move(titles), Emphasis::kTotal});
}

void TextTable::add_row(std::vector<std::string> cells, Emphasis emphasis) {
  ensure(cells.size() == columns_.size(), "a table row with a cell for every column");
  for (std::string& cell : cells) cell = escaped(cell);
  rows_.push_back({std::move(cells), emphasis});
}

void TextTable::add_heading(const std::string& text) {
  rows_.push_back({{escaped(text)}, Emphasis::kHeading});
}

std::string TextTable::line(const Row& row, const std::vector<std::size_t>& widths) const {
  if (row.emphasis == Emphasis::kHeading) return row.cells.front();
  std::string line;
  for (std::size_t i = 0; i < row.cells.size(); ++i) {
    const std::string padding(widths[i] - width_of(row.cells[i]), ' ');
    if (i > 0) line += "  ";
    line += columns_[i].align == Align::kRight ? padding + row.cells[i] : row.cells[i] + padding;
  }
  line.erase(line.find_last_not_of(' ') + 1);
  return line;
}

std::string TextTable::text(Colour colour) const {
  std::vector<std::size_t> widths(columns_.size(), 0);
  for (const Row& row : rows_) {
    if (row.emphasis == Emphasis::kHeading) continue;
    for (std::size_t i = 0; i < row.cells.size(); ++i) {
      widths[i] = std::max(widths[i], width_of(row.cells[i]));
    }
  }
  std::string text;
  for (const Row& row : rows_) {
    text += emphasized(line(row, widths), row.emphasis, colour) + '\n';
  }
  return text;
}

}  // namespace mxsim
