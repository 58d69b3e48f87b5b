#include "sim/npy/npy_floats.h"

#include <bit>
#include <cstring>

#include "models/core/error.h"
#include "models/formats/element_codec.h"
#include "models/formats/number_builders.h"
#include "models/formats/round_to_odd.h"

namespace mxsim {
namespace {

template <class T>
std::vector<T> elements_of(const NpyArray& array) {
  std::vector<T> values(array.bytes.size() / sizeof(T));
  std::memcpy(values.data(), array.bytes.data(), array.bytes.size());
  return values;
}

/// By code.
const std::vector<float>& float16_values() {
  static const std::vector<float> table = [] {
    const ElementCodec half(minifloat({5, 10, 15, SpecialCodes::kIeee}));
    std::vector<float> values;
    for (std::uint32_t code = 0; code < 1u << 16; ++code) {
      values.push_back(static_cast<float>(half.decode(code)));
    }
    return values;
  }();
  return table;
}

}  // namespace

std::vector<float> to_floats(const NpyArray& array, const std::string& path,
                             Float64Rounding rounding) {
  if (array.type == NpyType::kFloat32) return elements_of<float>(array);
  std::vector<float> values;
  if (array.type == NpyType::kFloat64) {
    for (const double value : elements_of<double>(array)) {
      values.push_back(rounding == Float64Rounding::kToOdd ? round_to_odd(value)
                                                           : static_cast<float>(value));
    }
    return values;
  }
  if (array.type == NpyType::kBfloat16) {
    for (const std::uint16_t code : elements_of<std::uint16_t>(array)) {
      values.push_back(std::bit_cast<float>(std::uint32_t{code} << 16));
    }
    return values;
  }
  if (array.type != NpyType::kFloat16) {
    throw InputError({{path, "",
                       "holds " + std::string(to_string(array.type)) +
                           ", expected bfloat16, float16, float32 or float64"}});
  }
  const std::vector<float>& halves = float16_values();
  for (const std::uint16_t code : elements_of<std::uint16_t>(array)) values.push_back(halves[code]);
  return values;
}

std::vector<std::uint16_t> to_words(const NpyArray& array, const std::string& path) {
  if (array.type != NpyType::kUint16) {
    throw InputError(
        {{path, "", "holds " + std::string(to_string(array.type)) + ", expected uint16"}});
  }
  return elements_of<std::uint16_t>(array);
}

}  // namespace mxsim
