#include "sim/report/comparison_table.h"

#include <utility>

#include "models/core/error.h"

namespace mxsim {

void ComparisonTable::add_row(std::string name, std::vector<std::string> cells, Emphasis emphasis) {
  ensure(cells.size() == labels_.size(), "a figure with a cell for every format");
  sections_.back().rows.push_back({std::move(name), std::move(cells), emphasis});
}

TextTable ComparisonTable::formats_in_columns() const {
  std::vector<TextTable::Column> columns{{"", Align::kLeft}};
  for (const std::string& label : labels_) columns.push_back({label, Align::kRight});
  TextTable table(columns);
  for (const Section& section : sections_) {
    table.add_heading(section.heading);
    for (const Row& row : section.rows) {
      std::vector<std::string> cells{"  " + row.name};
      cells.insert(cells.end(), row.cells.begin(), row.cells.end());
      table.add_row(std::move(cells), row.emphasis);
    }
  }
  return table;
}

std::string ComparisonTable::formats_in_rows(std::size_t width, Colour colour) const {
  std::string text;
  for (const Section& section : sections_) {
    std::vector<TextTable::Column> columns{{"", Align::kLeft}};
    for (const Row& row : section.rows) columns.push_back({row.name, Align::kRight});
    TextTable table(columns);
    for (std::size_t format = 0; format < labels_.size(); ++format) {
      std::vector<std::string> cells{"  " + labels_[format]};
      for (const Row& row : section.rows) cells.push_back(row.cells[format]);
      table.add_row(std::move(cells));
    }
    text += emphasized(section.heading, Emphasis::kHeading, colour) + "\n" +
            table.text_in_parts(width, 1, colour);
  }
  return text;
}

std::string ComparisonTable::text(std::size_t width, Colour colour) const {
  const TextTable table = formats_in_columns();
  return table.width() <= width ? table.text(colour) : formats_in_rows(width, colour);
}

}  // namespace mxsim
