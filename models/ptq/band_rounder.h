#pragma once

#include <cstdint>
#include <vector>

#include "models/formats/quantized_matrix.h"
#include "models/ptq/row_matrix.h"

namespace mxsim {

/// Rounds a weight matrix row by row under scales that are chosen band by band.
///
/// A band is as high as a block; formats with one scale a tensor, or with a tensor scale above the
/// block scales, have a single band. Where a scale is no power of two it follows from the largest
/// element of its block (from the smallest and the largest with zero points). That element is an
/// anchor: it keeps the code that it has at the beginning of its band, so that a cast of the
/// result finds the same scale and the same codes. Under power-of-two scales every result is a
/// fixed point of the cast as it is.
class BandRounder {
 public:
  BandRounder(DataLayout layout, std::int64_t rows, std::int64_t cols);

  std::int64_t band_rows() const { return band_rows_; }
  /// Chooses the scales of the band whose first row is `row` from rows `row` on of `weights`.
  void begin(std::int64_t row, const RowMatrix& weights);

  /// The rest is about rows of this band.
  bool is_anchor(std::int64_t row, std::int64_t col) const;
  /// The representable number next to `value`; of an anchor, the number that it has.
  double round(std::int64_t row, std::int64_t col, double value) const;
  /// The representable numbers on both sides of `value`: toward zero (or the code's zero) and away
  /// from it; both are the same for anchors and beyond the largest number.
  struct Neighbours {
    double near = 0;
    double far = 0;
  };
  Neighbours neighbours(std::int64_t row, std::int64_t col, double value) const;

 private:
  double scaled(std::int64_t row, std::int64_t col, double value) const;
  double decoded(std::int64_t row, std::int64_t col, std::uint32_t code) const;
  void find_anchors(const std::vector<float>& band, std::int64_t rows);

  DataLayout layout_;
  std::int64_t rows_;
  std::int64_t cols_;
  std::int64_t band_rows_;
  std::int64_t first_ = 0;
  Rounding rounding_;
  QuantizedMatrix band_;
  std::vector<std::uint8_t> anchors_;  ///< one an element of the band; empty: none
};

/// round() of every element, with the scales of the matrix itself: the cast of the format.
RowMatrix cast_weights(const DataLayout& layout, const RowMatrix& weights);

}  // namespace mxsim
