#include "models/values/stored_matrix.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <type_traits>

#include "models/core/error.h"
#include "models/core/rng.h"
#include "models/core/shape.h"
#include "models/formats/dequantize.h"
#include "models/formats/hadamard.h"

namespace mxsim {
namespace {

constexpr std::int64_t kElementsAtOnce = 1 << 15;

/// visit(first, past) for runs of elements, shared out.
template <class Visit>
void for_runs(std::int64_t elements, Workers& workers, Visit visit) {
  workers.run(ceil_div(elements, kElementsAtOnce), [&](std::int64_t run) {
    visit(run * kElementsAtOnce, std::min(elements, (run + 1) * kElementsAtOnce));
  });
}

float bf16_value(std::uint16_t bits) {
  return std::bit_cast<float>(static_cast<std::uint32_t>(bits) << 16);
}

/// Codes of `bytes` bytes each to 32 bits.
void widen(const std::byte* from, int bytes, std::vector<std::uint32_t>& to, std::size_t first,
           std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) {
    std::uint32_t code = 0;
    std::memcpy(&code, from + i * static_cast<std::size_t>(bytes), static_cast<std::size_t>(bytes));
    to[first + i] = code;
  }
}

/// The transform comes before the cast.
DataLayout plain_layout(DataLayout layout) {
  layout.format.hadamard = 0;
  return layout;
}

template <class T>
std::uint64_t hash_of(const std::vector<T>& items, std::uint64_t state) {
  return stable_hash({reinterpret_cast<const char*>(items.data()), items.size() * sizeof(T)},
                     state);
}

}  // namespace

std::uint16_t bf16_bits(float value) {
  constexpr std::uint32_t kInfinity = 0x7f800000;
  std::uint32_t bits = std::bit_cast<std::uint32_t>(value);
  if ((bits & 0x7fffffff) > kInfinity) return 0x7fc0;
  bits += 0x7fff + ((bits >> 16) & 1);
  return static_cast<std::uint16_t>(bits >> 16);
}

bool is_code_format(const FormatSpec& format) { return format.name.starts_with("code"); }

StoredMatrix::StoredMatrix(const DataLayout& layout, std::int64_t rows, std::int64_t cols)
    : layout_(layout), rows_(rows), cols_(cols) {
  const auto elements = static_cast<std::size_t>(exact_mul(rows, cols));
  const FormatSpec& format = layout.format;
  if (is_code_format(format)) {
    if (format.element_bits <= 8) {
      held_ = Bytes8(elements);
    } else {
      held_ = std::vector<std::uint32_t>(elements);
    }
  } else if (format.name == "fp32") {
    held_ = std::vector<float>(elements);
  } else if (format.name == "bf16") {
    held_ = Bf16(elements);
  } else {
    auto cast = std::make_shared<BandCast>(plain_layout(layout), QuantizeOptions{}, rows, cols);
    Codes codes{{}, BlockScales(layout, rows, cols), cast};
    codes.codes.resize(static_cast<std::size_t>(cast->bytes_above(rows, EncodingPart::kCodes)));
    held_ = std::move(codes);
  }
}

const float* StoredMatrix::direct() const {
  const auto* values = std::get_if<std::vector<float>>(&held_);
  return values == nullptr ? nullptr : values->data();
}

std::span<const std::byte> StoredMatrix::codes() const {
  if (const auto* bf16 = std::get_if<Bf16>(&held_)) return std::as_bytes(std::span(*bf16));
  if (const auto* codes = std::get_if<Codes>(&held_)) return codes->codes;
  return {};
}

void StoredMatrix::encode_integers(const float* values) {
  const double past = std::ldexp(1.0, layout_.format.element_bits);
  const auto fill = [&](auto& integers) {
    for (std::size_t i = 0; i < integers.size(); ++i) {
      ensure(values[i] >= 0 && values[i] < past, "a code beyond its bits");
      integers[i] = static_cast<typename std::decay_t<decltype(integers)>::value_type>(values[i]);
    }
  };
  if (auto* bytes = std::get_if<Bytes8>(&held_)) return fill(*bytes);
  fill(std::get<std::vector<std::uint32_t>>(held_));
}

void StoredMatrix::encode_codes(const float* values, Workers& workers, std::uint64_t seed) {
  Codes& held = std::get<Codes>(held_);
  if (layout_.format.rounding == Rounding::kStochastic) {
    QuantizeOptions options;
    options.seed = seed;
    held.cast = std::make_shared<BandCast>(plain_layout(layout_), options, rows_, cols_);
  }
  std::vector<float> transformed;
  if (layout_.format.hadamard > 0) {
    transformed.assign(values, values + rows_ * cols_);
    transform_hadamard(transformed, rows_, cols_, layout_.block, layout_.format.hadamard);
    values = transformed.data();
  }
  const std::int64_t band = held.cast->band_rows();
  workers.run(ceil_div(rows_, band), [&](std::int64_t index) {
    const std::int64_t begin = index * band;
    const std::int64_t end = std::min(rows_, begin + band);
    std::array<std::vector<std::byte>, kEncodingParts.size()> small;
    CastOutput output;
    for (std::size_t p = 0; p < kEncodingParts.size(); ++p) {
      const auto first = static_cast<std::size_t>(held.cast->bytes_above(begin, kEncodingParts[p]));
      const auto bytes =
          static_cast<std::size_t>(held.cast->bytes_above(end, kEncodingParts[p])) - first;
      if (kEncodingParts[p] == EncodingPart::kCodes) {
        output.parts[p] = std::span(held.codes).subspan(first, bytes);
      } else {
        small[p].resize(bytes);
        output.parts[p] = small[p];
      }
    }
    const std::span in(values + begin * cols_, static_cast<std::size_t>((end - begin) * cols_));
    const double tensor_scale = held.cast->run(begin, in, output);
    if (begin == 0) held.scales.tensor_scale = tensor_scale;
    const auto take = [&](EncodingPart part, auto& to) {
      const auto layout = part_layout(layout_, part);
      if (!layout) return;
      const int bytes = code_bytes(layout->bits);
      const std::vector<std::byte>& from = small[static_cast<std::size_t>(part)];
      const auto first = static_cast<std::size_t>(held.cast->bytes_above(begin, part) / bytes);
      const std::size_t count = from.size() / static_cast<std::size_t>(bytes);
      std::vector<std::uint32_t> wide(count);
      widen(from.data(), bytes, wide, 0, count);
      for (std::size_t i = 0; i < count; ++i) {
        to[first + i] = static_cast<typename std::decay_t<decltype(to)>::value_type>(wide[i]);
      }
    };
    take(EncodingPart::kScales, held.scales.scales);
    take(EncodingPart::kZeroPoints, held.scales.zero_points);
    take(EncodingPart::kOffsets, held.scales.offsets);
  });
}

void StoredMatrix::encode(const float* values, Workers& workers, std::uint64_t seed) {
  const std::int64_t elements = rows_ * cols_;
  if (auto* held = std::get_if<std::vector<float>>(&held_)) {
    std::copy(values, values + elements, held->begin());
  } else if (auto* bf16 = std::get_if<Bf16>(&held_)) {
    for_runs(elements, workers, [&](std::int64_t first, std::int64_t past) {
      std::uint16_t* const to = bf16->data();
      for (std::int64_t i = first; i < past; ++i) to[i] = bf16_bits(values[i]);
    });
  } else if (std::holds_alternative<Codes>(held_)) {
    encode_codes(values, workers, seed);
  } else {
    encode_integers(values);
  }
}

void StoredMatrix::decode(float* values, Workers& workers) const {
  const std::int64_t elements = rows_ * cols_;
  const auto copy = [&](const auto& held) {
    for_runs(elements, workers, [&](std::int64_t first, std::int64_t past) {
      for (std::int64_t i = first; i < past; ++i) {
        values[i] = static_cast<float>(held[static_cast<std::size_t>(i)]);
      }
    });
  };
  if (const auto* held = std::get_if<std::vector<float>>(&held_)) return copy(*held);
  if (const auto* bytes = std::get_if<Bytes8>(&held_)) return copy(*bytes);
  if (const auto* integers = std::get_if<std::vector<std::uint32_t>>(&held_)) {
    return copy(*integers);
  }
  if (const auto* bf16 = std::get_if<Bf16>(&held_)) {
    return for_runs(elements, workers, [&](std::int64_t first, std::int64_t past) {
      const std::uint16_t* const from = bf16->data();
      for (std::int64_t i = first; i < past; ++i) values[i] = bf16_value(from[i]);
    });
  }
  const Codes& held = std::get<Codes>(held_);
  const std::span out(values, static_cast<std::size_t>(elements));
  const auto decode = [&]<class Code>(Code) {
    dequantize<Code>(held.scales,
                     std::span(reinterpret_cast<const Code*>(held.codes.data()), out.size()), out);
  };
  switch (code_bytes(layout_.format.element_bits)) {
    case 1:
      return decode(std::uint8_t{});
    case 2:
      return decode(std::uint16_t{});
    default:
      return decode(std::uint32_t{});
  }
}

QuantizedMatrix StoredMatrix::quantized() const {
  QuantizedMatrix matrix(layout_, rows_, cols_);
  if (const auto* held = std::get_if<std::vector<float>>(&held_)) {
    for (std::size_t i = 0; i < held->size(); ++i) {
      matrix.codes[i] = std::bit_cast<std::uint32_t>((*held)[i]);
    }
  } else if (const auto* bf16 = std::get_if<Bf16>(&held_)) {
    std::copy(bf16->begin(), bf16->end(), matrix.codes.begin());
  } else {
    const Codes& held_codes = std::get<Codes>(held_);
    static_cast<BlockScales&>(matrix) = held_codes.scales;
    widen(held_codes.codes.data(), code_bytes(layout_.format.element_bits), matrix.codes, 0,
          matrix.codes.size());
  }
  return matrix;
}

std::uint64_t StoredMatrix::hash() const {
  constexpr std::uint64_t kState = 0xcbf29ce484222325u;
  return std::visit(
      [&](const auto& held) {
        if constexpr (std::is_same_v<std::decay_t<decltype(held)>, Codes>) {
          return hash_of(held.scales.offsets,
                         hash_of(held.scales.zero_points,
                                 hash_of(held.scales.scales, hash_of(held.codes, kState))));
        } else {
          return hash_of(held, kState);
        }
      },
      held_);
}

}  // namespace mxsim
