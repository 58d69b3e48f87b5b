#pragma once

#include <string>
#include <vector>

#include "sim/report/text_table.h"

namespace mxsim {

/// Figures of several formats: a column a format where that fits the terminal, else a row a format.
class ComparisonTable {
 public:
  explicit ComparisonTable(std::vector<std::string> labels) : labels_(std::move(labels)) {}

  void add_section(std::string heading) { sections_.push_back({std::move(heading), {}}); }
  /// A figure of the section added last: one cell a format.
  void add_row(std::string name, std::vector<std::string> cells,
               Emphasis emphasis = Emphasis::kNone);
  /// Lines of at most `width` columns, unless a single figure is longer.
  std::string text(std::size_t width, Colour colour) const;

 private:
  struct Row {
    std::string name;
    std::vector<std::string> cells;
    Emphasis emphasis = Emphasis::kNone;
  };
  struct Section {
    std::string heading;
    std::vector<Row> rows;
  };

  TextTable formats_in_columns() const;
  std::string formats_in_rows(std::size_t width, Colour colour) const;

  std::vector<std::string> labels_;
  std::vector<Section> sections_;
};

}  // namespace mxsim
