#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace mxsim {

enum class Align : std::uint8_t { kLeft, kRight };

/// Whether text for a terminal carries colours (ANSI escapes).
enum class Colour : std::uint8_t { kOff, kOn };

/// What a row of a table is to the reader; shown by colour alone, where there is any.
enum class Emphasis : std::uint8_t { kNone, kHeading, kTotal, kDetail, kGain };

std::string emphasized(const std::string& text, Emphasis emphasis, Colour colour);

/// Lines up columns of UTF-8 text for a terminal.
class TextTable {
 public:
  struct Column {
    std::string title;
    Align align = Align::kLeft;
  };

  explicit TextTable(std::vector<Column> columns);

  /// One cell for every column. Control characters are shown, not sent (safe_text.h).
  void add_row(std::vector<std::string> cells, Emphasis emphasis = Emphasis::kNone);
  /// A line of its own above the rows that follow; its width does not count.
  void add_heading(const std::string& text);
  std::string text(Colour colour = Colour::kOff) const;

 private:
  struct Row {
    std::vector<std::string> cells;
    Emphasis emphasis = Emphasis::kNone;
  };

  std::string line(const Row& row, const std::vector<std::size_t>& widths) const;

  std::vector<Column> columns_;
  std::vector<Row> rows_;
};

}  // namespace mxsim
