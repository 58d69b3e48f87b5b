#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "models/formats/layout.h"

namespace mxsim {

/// What a stored matrix consists of, besides its tensor scale: grids of codes.
enum class EncodingPart : std::uint8_t { kCodes, kScales, kZeroPoints, kOffsets };
inline constexpr std::array kEncodingParts{EncodingPart::kCodes, EncodingPart::kScales,
                                           EncodingPart::kZeroPoints, EncodingPart::kOffsets};

/// Each part's codes as unsigned integers of code_bytes(), row-major; empty: absent or unwanted.
template <class Byte>
using EncodingBytes = std::array<std::span<Byte>, kEncodingParts.size()>;

/// Bytes of the narrowest of uint8, uint16 and uint32 that holds codes of so many bits.
int code_bytes(int bits);

/// One code of `bits` bits for each `shape` of elements, partial ones at the edges.
struct PartLayout {
  int bits;
  BlockShape shape;

  std::int64_t grid_rows(std::int64_t rows) const;
  std::int64_t grid_cols(std::int64_t cols) const;
  std::int64_t bytes(std::int64_t rows, std::int64_t cols) const;
};

/// Nothing for a part that the format lacks.
std::optional<PartLayout> part_layout(const DataLayout& layout, EncodingPart part);

}  // namespace mxsim
