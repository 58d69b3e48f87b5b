#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

namespace mxsim {

/// Small numbers for the rows of each bank, by first appearance.
class RowNames {
 public:
  static constexpr std::size_t kMostRows = 12;  ///< of a bank

  explicit RowNames(std::size_t banks = 0) : rows_(banks * kMostRows), counts_(banks) {}

  void clear() { std::fill(counts_.begin(), counts_.end(), 0); }
  /// The row's number, a new one if need be; kMostRows if there are too many.
  std::int32_t name(int bank, std::int64_t row) {
    const auto b = static_cast<std::size_t>(bank);
    const std::size_t known = find(b, row);
    if (known < counts_[b] || known == kMostRows) return static_cast<std::int32_t>(known);
    rows_[b * kMostRows + known] = row;
    ++counts_[b];
    return static_cast<std::int32_t>(known);
  }
  std::int64_t row(int bank, std::int32_t name) const {
    return rows_[static_cast<std::size_t>(bank) * kMostRows + static_cast<std::size_t>(name)];
  }

  /// For each bank in turn the number of rows, then what each is called in another naming.
  using Renaming = std::vector<std::uint8_t>;
  /// All rows of this naming have names in `earlier`.
  Renaming in_terms_of(const RowNames& earlier) const {
    Renaming renaming;
    for (std::size_t b = 0; b < counts_.size(); ++b) {
      renaming.push_back(static_cast<std::uint8_t>(counts_[b]));
      for (std::size_t i = 0; i < counts_[b]; ++i) {
        renaming.push_back(static_cast<std::uint8_t>(earlier.find(b, rows_[b * kMostRows + i])));
      }
    }
    return renaming;
  }
  void rename(const Renaming& renaming) {
    std::int64_t before[kMostRows];
    std::size_t next = 0;
    for (std::size_t b = 0; b < counts_.size(); ++b) {
      std::int64_t* rows = &rows_[b * kMostRows];
      std::copy(rows, rows + counts_[b], before);
      counts_[b] = renaming[next++];
      for (std::size_t i = 0; i < counts_[b]; ++i) rows[i] = before[renaming[next++]];
    }
  }

 private:
  /// Its number, or the number of the bank's rows.
  std::size_t find(std::size_t bank, std::int64_t row) const {
    const std::int64_t* rows = &rows_[bank * kMostRows];
    return static_cast<std::size_t>(std::find(rows, rows + counts_[bank], row) - rows);
  }

  std::vector<std::int64_t> rows_;  ///< kMostRows a bank
  std::vector<std::size_t> counts_;
};

}  // namespace mxsim
