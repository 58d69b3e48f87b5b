#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "models/formats/fast_cast.h"
#include "models/formats/quantizer.h"

namespace mxsim {

/// Bytes of the narrowest of uint8, uint16 and uint32 that holds codes of so many bits.
int code_bytes(int bits);

/// Where a band goes; empty parts are not written. Codes are unsigned integers of code_bytes().
struct CastOutput {
  std::span<float> values;      ///< one an element
  std::span<std::byte> codes;   ///< one an element
  std::span<std::byte> scales;  ///< one a block of the band, row-major; formats with block scale
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
  /// Blocks in the rows above `row`, where a band begins or ends.
  std::int64_t blocks_above(std::int64_t row) const;

  /// Casts the rows from `row_begin` on, as many as `band` has. `words` are the band's random words
  /// where they come with the band.
  void run(std::int64_t row_begin, std::span<const float> band, const CastOutput& output,
           std::span<const std::uint16_t> words = {}) const;

 private:
  void run_reference(std::int64_t row_begin, std::span<const float> band, const CastOutput& output,
                     std::span<const std::uint16_t> words) const;

  DataLayout layout_;
  QuantizeOptions options_;
  std::int64_t cols_;
  std::int64_t block_rows_;
  std::int64_t band_rows_;
  std::optional<FastCast> fast_;
};

}  // namespace mxsim
