#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace mxsim {

enum class Align : std::uint8_t { kLeft, kRight };

/// Lines up columns of UTF-8 text for a terminal.
class TextTable {
 public:
  struct Column {
    std::string title;
    Align align = Align::kLeft;
  };

  explicit TextTable(std::vector<Column> columns);

  /// One cell for every column.
  void add_row(std::vector<std::string> cells);
  std::string text() const;

 private:
  std::vector<Column> columns_;
  std::vector<std::vector<std::string>> rows_;
};

}  // namespace mxsim
