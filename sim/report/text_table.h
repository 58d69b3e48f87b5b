#pragma once

#include <cstdint>
#include <limits>
#include <string>
#include <vector>

namespace mxsim {

enum class Align : std::uint8_t { kLeft, kRight };

/// Whether text for a terminal carries colours (ANSI escapes).
enum class Colour : std::uint8_t { kOff, kOn };

/// What a row of a table is to the reader; shown by colour alone, where there is any.
enum class Emphasis : std::uint8_t { kNone, kHeading, kTotal, kDetail, kGain };

std::string emphasized(const std::string& text, Emphasis emphasis, Colour colour);

/// Columns that UTF-8 text takes on a terminal.
std::size_t width_of(const std::string& text);

/// `text` in lines of at most `width` columns, cut at spaces; lines after the first are indented.
std::string wrapped(const std::string& text, std::size_t width, std::size_t indent);

/// Lines up columns of UTF-8 text for a terminal.
class TextTable {
 public:
  static constexpr std::size_t kAnyWidth = std::numeric_limits<std::size_t>::max();

  struct Column {
    std::string title;
    Align align = Align::kLeft;
    /// Where lines are too long, columns of the highest rank are left out first; rank 0 never is.
    int rank = 0;
  };

  explicit TextTable(std::vector<Column> columns);

  /// One cell for every column. Control characters are shown, not sent (safe_text.h).
  void add_row(std::vector<std::string> cells, Emphasis emphasis = Emphasis::kNone);
  /// A line of its own above the rows that follow; its width does not count.
  void add_heading(const std::string& text);
  /// Lines of at most `width` columns if the ranks allow it.
  std::string text(Colour colour = Colour::kOff, std::size_t width = kAnyWidth) const;
  /// Titles that text() leaves out at this width.
  std::vector<std::string> left_out(std::size_t width) const;
  /// Tables one below the other, each with the first `fixed` columns and as many more as fit.
  std::string text_in_parts(std::size_t width, std::size_t fixed,
                            Colour colour = Colour::kOff) const;
  /// Of the longest line with all columns.
  std::size_t width() const;

 private:
  struct Row {
    std::vector<std::string> cells;
    Emphasis emphasis = Emphasis::kNone;
  };
  using Columns = std::vector<std::size_t>;  ///< places of the columns that are shown

  Columns all() const;
  Columns fitting(std::size_t width) const;
  std::size_t width_of_columns(const Columns& columns) const;
  std::string line(const Row& row, const Columns& columns) const;
  std::string render(const Columns& columns, Colour colour) const;

  std::vector<Column> columns_;
  std::vector<std::size_t> widths_;  ///< of the columns
  std::vector<Row> rows_;
};

}  // namespace mxsim
