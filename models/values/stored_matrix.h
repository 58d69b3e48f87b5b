#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "models/formats/band_cast.h"
#include "models/formats/block_scales.h"
#include "models/formats/layout.h"
#include "models/formats/quantized_matrix.h"
#include "models/values/workers.h"

namespace mxsim {

/// A matrix as memory holds it: FP32, BF16, integers, or codes with their scales.
class StoredMatrix {
 public:
  StoredMatrix(const DataLayout& layout, std::int64_t rows, std::int64_t cols);

  /// Casts rows x cols values, row-major, as the format says: after its Hadamard transform, where
  /// it has one; with words drawn from `seed`, where it rounds stochastically. Integers must fit
  /// their bits.
  void encode(const float* values, Workers& workers, std::uint64_t seed = 1);
  /// The values, rounded to FP32.
  void decode(float* values, Workers& workers) const;
  /// The same as codes of the format's definition.
  QuantizedMatrix quantized() const;
  /// The values where they are held as FP32, otherwise nullptr.
  const float* direct() const;
  /// Codes of the elements, code_bytes() each; empty for FP32 and integers.
  std::span<const std::byte> codes() const;
  /// Of everything that is held (not for security).
  std::uint64_t hash() const;

  const DataLayout& layout() const { return layout_; }
  std::int64_t rows() const { return rows_; }
  std::int64_t cols() const { return cols_; }

 private:
  struct Codes {
    std::vector<std::byte> codes;
    BlockScales scales;
    std::shared_ptr<const BandCast> cast;
  };
  using Bf16 = std::vector<std::uint16_t>;
  using Bytes8 = std::vector<std::uint8_t>;

  void encode_codes(const float* values, Workers& workers, std::uint64_t seed);
  void encode_integers(const float* values);

  DataLayout layout_;
  std::int64_t rows_;
  std::int64_t cols_;
  std::variant<std::vector<float>, Bf16, Bytes8, std::vector<std::uint32_t>, Codes> held_;
};

/// The BF16 number next to `value`, ties to even, as the upper half of a binary32.
std::uint16_t bf16_bits(float value);

/// Integers (masks, places, labels), see code_format().
bool is_code_format(const FormatSpec& format);

}  // namespace mxsim
