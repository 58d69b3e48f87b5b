#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "models/formats/encoding_part.h"
#include "models/formats/fast_cast.h"
#include "models/formats/quantizer.h"

namespace mxsim {

/// Where a band goes; what is empty is not written.
struct CastOutput {
  std::span<float> values;  ///< one an element
  EncodingBytes<std::byte> parts;
};

/// quantize() and dequantize() of a matrix band after band of rows, bit for bit the same as of the
/// whole matrix: the fast cast where it applies, else the reference in a buffer of one band.
class BandCast {
 public:
  /// Random words given in the options are for the whole matrix.
  BandCast(const DataLayout& layout, const QuantizeOptions& options, std::int64_t rows,
           std::int64_t cols);

  /// Rows of every band but the last, which may have fewer: whole blocks, of a size that stays in a
  /// cache; all rows where a scale depends on all of them.
  std::int64_t band_rows() const { return band_rows_; }
  /// Bytes of a part for the rows above `row`, where a band begins or ends; 0: the format lacks it.
  std::int64_t bytes_above(std::int64_t row, EncodingPart part) const;

  /// Casts the rows from `row_begin` on, as many as `band` has. `words` are the band's random words
  /// where they come with the band. Returns the tensor scale, 1 for formats without.
  double run(std::int64_t row_begin, std::span<const float> band, const CastOutput& output,
             std::span<const std::uint16_t> words = {}) const;

 private:
  double run_reference(std::int64_t row_begin, std::span<const float> band,
                       const CastOutput& output, std::span<const std::uint16_t> words) const;

  DataLayout layout_;
  QuantizeOptions options_;
  std::int64_t cols_;
  std::int64_t band_rows_;
  std::optional<FastCast> fast_;
};

}  // namespace mxsim
