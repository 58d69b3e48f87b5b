// The C++ half of the Python package: matrices in, matrices out. Shapes of more dimensions,
// defaults and other libraries' arrays are the business of mxsim/__init__.py.
#include <pybind11/numpy.h>
#include <pybind11/pybind11.h>
#include <pybind11/stl.h>

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include "models/core/error.h"
#include "models/formats/band_cast.h"
#include "models/formats/dequantize.h"
#include "models/formats/exact_dot.h"
#include "models/formats/format_summary.h"
#include "models/formats/format_table.h"
#include "models/formats/layout_request.h"
#include "models/formats/round_to_odd.h"
#include "sim/python/dlpack.h"

namespace mxsim {
namespace {

namespace py = pybind11;

/// Read without a copy: the caller passes C-contiguous arrays of the exact type.
template <class T>
using Array = py::array_t<T, py::array::c_style>;

using Block = std::pair<std::int64_t, std::int64_t>;

DataLayout layout_of(const std::string& format, const std::optional<Block>& block,
                     const std::string& scale_rule) {
  LayoutRequest request{.format = format, .block = std::nullopt, .scale_rule = scale_rule};
  if (block) request.block = BlockShape{block->first, block->second};
  return requested_layout(request);
}

struct Call {
  DataLayout layout;
  QuantizeOptions options;
  std::span<const float> values;
  std::int64_t rows;
  std::int64_t cols;

  /// Into parts of the whole matrix; returns the tensor scale.
  double run(const CastOutput& output) const;
};

template <class T>
std::span<T> section(std::span<T> whole, std::int64_t begin, std::int64_t end) {
  if (whole.empty()) return whole;
  return whole.subspan(static_cast<std::size_t>(begin), static_cast<std::size_t>(end - begin));
}

double Call::run(const CastOutput& output) const {
  const BandCast cast(layout, options, rows, cols);
  double tensor_scale = 1;
  for (std::int64_t row = 0; row < rows; row += cast.band_rows()) {
    const std::int64_t end = std::min(row + cast.band_rows(), rows);
    CastOutput band{section(output.values, row * cols, end * cols), {}};
    for (std::size_t i = 0; i < kEncodingParts.size(); ++i) {
      band.parts[i] = section(output.parts[i], cast.bytes_above(row, kEncodingParts[i]),
                              cast.bytes_above(end, kEncodingParts[i]));
    }
    tensor_scale = cast.run(row, section(values, row * cols, end * cols), band);
  }
  return tensor_scale;
}

Call call_of(const Array<float>& matrix, const DataLayout& layout, const std::string& rounding,
             const std::optional<Array<std::uint16_t>>& random, std::uint64_t seed) {
  Call call{layout, {}, {}, matrix.shape(0), matrix.shape(1)};
  call.values = {matrix.data(), static_cast<std::size_t>(matrix.size())};
  call.options.rounding = parse_rounding(rounding);
  call.options.seed = seed;
  if (random) {
    if (call.options.rounding != Rounding::kStochastic) {
      throw InputError("random: is for rounding \"sr\"");
    }
    if (random->size() != matrix.size()) throw InputError("random: expected one word an element");
    call.options.random = {random->data(), static_cast<std::size_t>(random->size())};
  }
  return call;
}

Array<float> quantize_matrix(const Array<float>& matrix, const std::string& format,
                             const std::optional<Block>& block, const std::string& rounding,
                             const std::string& scale_rule,
                             const std::optional<Array<std::uint16_t>>& random,
                             std::uint64_t seed) {
  const Call call = call_of(matrix, layout_of(format, block, scale_rule), rounding, random, seed);
  Array<float> result({call.rows, call.cols});
  const std::span<float> out(result.mutable_data(), call.values.size());
  py::gil_scoped_release release;
  call.run({out, {}});
  return result;
}

py::array code_array(const PartLayout& part, std::int64_t rows, std::int64_t cols) {
  const std::vector<py::ssize_t> shape{part.grid_rows(rows), part.grid_cols(cols)};
  switch (code_bytes(part.bits)) {
    case 1:
      return py::array(py::dtype::of<std::uint8_t>(), shape);
    case 2:
      return py::array(py::dtype::of<std::uint16_t>(), shape);
    default:
      return py::array(py::dtype::of<std::uint32_t>(), shape);
  }
}

/// (codes, scales, zero points, offsets, tensor scale); None for parts that the format lacks.
py::tuple encode_matrix(const Array<float>& matrix, const std::string& format,
                        const std::optional<Block>& block, const std::string& rounding,
                        const std::string& scale_rule,
                        const std::optional<Array<std::uint16_t>>& random, std::uint64_t seed) {
  const Call call = call_of(matrix, layout_of(format, block, scale_rule), rounding, random, seed);
  py::tuple result(kEncodingParts.size() + 1);
  CastOutput output;
  for (std::size_t i = 0; i < kEncodingParts.size(); ++i) {
    result[i] = py::none();
    const auto part = part_layout(call.layout, kEncodingParts[i]);
    if (!part) continue;
    py::array codes = code_array(*part, call.rows, call.cols);
    output.parts[i] = {static_cast<std::byte*>(codes.mutable_data()),
                       static_cast<std::size_t>(codes.nbytes())};
    result[i] = codes;
  }
  double tensor_scale = 1;
  {
    py::gil_scoped_release release;
    tensor_scale = call.run(output);
  }
  result[kEncodingParts.size()] = tensor_scale;
  return result;
}

template <class Code>
void check_bits(const Array<Code>& codes, int bits, const char* name) {
  Code used = 0;
  for (py::ssize_t i = 0; i < codes.size(); ++i) used |= codes.data()[i];
  if (bits < 32 && used >> bits != 0) {
    throw InputError(std::string(name) + ": a code has more than " + std::to_string(bits) +
                     " bits");
  }
}

using SmallPart = std::optional<Array<std::uint32_t>>;

/// Copies a part of the encoding; it must be there with the size that the layout asks for.
template <class T>
void take(const SmallPart& from, int bits, std::vector<T>& to, const char* name) {
  if (to.empty() && !from) return;
  if (!from || static_cast<std::size_t>(from->size()) != to.size()) {
    throw InputError(std::string(name) + ": expected " + std::to_string(to.size()) + " values");
  }
  check_bits(*from, bits, name);
  std::copy_n(from->data(), to.size(), to.begin());
}

template <class Code>
Array<float> decode_matrix(const Array<Code>& codes, const SmallPart& scale_codes,
                           const SmallPart& zero_points, const SmallPart& offsets,
                           double tensor_scale, const std::string& format,
                           const std::optional<Block>& block) {
  const DataLayout layout = layout_of(format, block, "");
  BlockScales scales(layout, codes.shape(0), codes.shape(1));
  const auto bits_of = [&](EncodingPart part) {
    const auto one = part_layout(layout, part);
    return one ? one->bits : 32;
  };
  take(scale_codes, bits_of(EncodingPart::kScales), scales.scales, "scales");
  take(zero_points, bits_of(EncodingPart::kZeroPoints), scales.zero_points, "zero_points");
  take(offsets, bits_of(EncodingPart::kOffsets), scales.offsets, "offsets");
  scales.tensor_scale = tensor_scale;
  check_bits(codes, layout.format.element_bits, "codes");
  Array<float> result({scales.rows(), scales.cols()});
  const std::span<float> values(result.mutable_data(), static_cast<std::size_t>(codes.size()));
  const std::span<const Code> given(codes.data(), values.size());
  py::gil_scoped_release release;
  dequantize(scales, given, values);
  return result;
}

py::object extent(std::int64_t value) {
  return value == kWholeAxis ? py::object(py::none()) : py::object(py::int_(value));
}

py::dict format_row(const FormatSpec& format) {
  const NumberSpec& number = format.element;
  py::dict row;
  row["name"] = format.name;
  row["element_bits"] = format.element_bits;
  row["scale_bits"] = format.scale_bits;
  row["block"] = format.scale ? py::object(py::make_tuple(extent(format.default_block.rows),
                                                          extent(format.default_block.cols)))
                              : py::object(py::none());
  row["bits_per_element"] = bits_per_element(format);
  row["largest"] = number.largest();
  row["smallest"] = number.smallest_nonzero();
  row["range_binades"] = range_binades(number);
  row["significand_bits"] = number.significand_bits();
  row["product_bits"] = exact_dot_bits(number, number, 1);
  row["exact_dot_32_bits"] = exact_dot_bits(number, number, 32);
  return row;
}

py::list format_rows(const std::vector<std::string>& names) {
  py::list rows;
  for (const std::string& name : names) rows.append(format_row(parse_format(name)));
  if (!names.empty()) return rows;
  for (const FormatSpec& format : format_table()) rows.append(format_row(format));
  return rows;
}

Array<float> narrow_to_float(const Array<double>& values, const std::string& format) {
  const bool to_odd = parse_format(format).element.significand_bits() <= kBitsAfterRoundToOdd;
  Array<float> result(std::vector<py::ssize_t>(values.shape(), values.shape() + values.ndim()));
  float* const out = result.mutable_data();
  for (py::ssize_t i = 0; i < values.size(); ++i) {
    out[i] = to_odd ? round_to_odd(values.data()[i]) : static_cast<float>(values.data()[i]);
  }
  return result;
}

}  // namespace
}  // namespace mxsim

PYBIND11_MODULE(_native, module) {
  namespace py = pybind11;
  using namespace mxsim;
  py::register_exception_translator([](std::exception_ptr error) {
    try {
      if (error) std::rethrow_exception(error);
    } catch (const InputError& input_error) {
      PyErr_SetString(PyExc_ValueError, input_error.what());
    }
  });
  const auto exact = [](const char* name) { return py::arg(name).noconvert(); };
  module.def("quantize", quantize_matrix, exact("matrix"), py::arg("format"), py::arg("block"),
             py::arg("rounding"), py::arg("scale_rule"), py::arg("random"), py::arg("seed"));
  module.def("encode", encode_matrix, exact("matrix"), py::arg("format"), py::arg("block"),
             py::arg("rounding"), py::arg("scale_rule"), py::arg("random"), py::arg("seed"));
  const auto define_decode = [&](auto decode) {
    module.def("decode", decode, exact("codes"), py::arg("scales"), py::arg("zero_points"),
               py::arg("offsets"), py::arg("tensor_scale"), py::arg("format"), py::arg("block"));
  };
  define_decode(decode_matrix<std::uint8_t>);
  define_decode(decode_matrix<std::uint16_t>);
  define_decode(decode_matrix<std::uint32_t>);
  module.def("bfloat16_words", bfloat16_words, py::arg("capsule"));
  module.def("formats", format_rows, py::arg("names"));
  module.def("narrow", narrow_to_float, exact("values"), py::arg("format"));
}
