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
#include "models/formats/exact_dot.h"
#include "models/formats/format_summary.h"
#include "models/formats/format_table.h"
#include "models/formats/layout_request.h"
#include "models/formats/round_to_odd.h"

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

  /// Into parts of the whole matrix.
  void run(const CastOutput& output) const;
};

template <class T>
std::span<T> part(std::span<T> whole, std::int64_t begin, std::int64_t count) {
  if (whole.empty()) return whole;
  return whole.subspan(static_cast<std::size_t>(begin), static_cast<std::size_t>(count));
}

void Call::run(const CastOutput& output) const {
  const BandCast cast(layout, options, rows, cols);
  const std::int64_t code_size = code_bytes(layout.format.element_bits);
  const std::int64_t scale_size = layout.format.scale ? code_bytes(layout.format.scale->bits) : 0;
  for (std::int64_t row = 0; row < rows; row += cast.band_rows()) {
    const std::int64_t end = std::min(row + cast.band_rows(), rows);
    const std::int64_t first = row * cols;
    const std::int64_t count = (end - row) * cols;
    const std::int64_t block = cast.blocks_above(row);
    const std::int64_t blocks = cast.blocks_above(end) - block;
    cast.run(row, values.subspan(static_cast<std::size_t>(first), static_cast<std::size_t>(count)),
             {part(output.values, first, count),
              part(output.codes, first * code_size, count * code_size),
              part(output.scales, block * scale_size, blocks * scale_size)});
  }
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
  call.run({out, {}, {}});
  return result;
}

template <class T>
py::object narrow(const std::vector<std::uint32_t>& codes, std::int64_t rows, std::int64_t cols) {
  Array<T> result({rows, cols});
  std::copy(codes.begin(), codes.end(), result.mutable_data());
  return result;
}

py::object code_array(const std::vector<std::uint32_t>& codes, int bits, std::int64_t rows,
                      std::int64_t cols) {
  if (codes.empty()) return py::none();
  if (bits <= 8) return narrow<std::uint8_t>(codes, rows, cols);
  if (bits <= 16) return narrow<std::uint16_t>(codes, rows, cols);
  return narrow<std::uint32_t>(codes, rows, cols);
}

py::object offset_array(const QuantizedMatrix& stored) {
  if (stored.offsets.empty()) return py::none();
  const BlockShape shape = stored.layout().format.offsets->shape;
  const std::vector<std::uint32_t> wide(stored.offsets.begin(), stored.offsets.end());
  return code_array(wide, 8, ceil_div(stored.rows(), shape.rows),
                    ceil_div(stored.cols(), shape.cols));
}

py::array code_array(int bits, std::int64_t rows, std::int64_t cols) {
  const std::vector<py::ssize_t> shape{rows, cols};
  switch (code_bytes(bits)) {
    case 1:
      return py::array(py::dtype::of<std::uint8_t>(), shape);
    case 2:
      return py::array(py::dtype::of<std::uint16_t>(), shape);
    default:
      return py::array(py::dtype::of<std::uint32_t>(), shape);
  }
}

std::span<std::byte> bytes_of(py::array& array) {
  return {static_cast<std::byte*>(array.mutable_data()), static_cast<std::size_t>(array.nbytes())};
}

/// Formats whose encoding is codes and scales alone.
py::tuple encode_bands(const Call& call) {
  const FormatSpec& format = call.layout.format;
  py::array codes = code_array(format.element_bits, call.rows, call.cols);
  py::array scales =
      code_array(format.scale ? format.scale->bits : 0, ceil_div(call.rows, call.layout.block.rows),
                 ceil_div(call.cols, call.layout.block.cols));
  const CastOutput output{
      {}, bytes_of(codes), format.scale ? bytes_of(scales) : std::span<std::byte>{}};
  {
    py::gil_scoped_release release;
    call.run(output);
  }
  return py::make_tuple(codes, format.scale ? py::object(scales) : py::object(py::none()),
                        py::none(), py::none(), 1.0);
}

/// (codes, scales, zero points, offsets, tensor scale); None for parts that the format lacks.
py::tuple encode_matrix(const Array<float>& matrix, const std::string& format,
                        const std::optional<Block>& block, const std::string& rounding,
                        const std::string& scale_rule,
                        const std::optional<Array<std::uint16_t>>& random, std::uint64_t seed) {
  const Call call = call_of(matrix, layout_of(format, block, scale_rule), rounding, random, seed);
  const FormatSpec& spec = call.layout.format;
  if (!spec.zero_point && !spec.offsets && !spec.tensor_scale) return encode_bands(call);
  const QuantizedMatrix stored =
      quantize(call.values, call.rows, call.cols, call.layout, call.options);
  const std::int64_t grid_rows = ceil_div(call.rows, call.layout.block.rows);
  const std::int64_t grid_cols = ceil_div(call.cols, call.layout.block.cols);
  const int scale_bits = spec.scale ? spec.scale->bits : 0;
  const int zero_bits = spec.zero_point ? spec.zero_point->bits : 0;
  return py::make_tuple(code_array(stored.codes, spec.element_bits, call.rows, call.cols),
                        code_array(stored.scales, scale_bits, grid_rows, grid_cols),
                        code_array(stored.zero_points, zero_bits, grid_rows, grid_cols),
                        offset_array(stored), stored.tensor_scale);
}

using Codes = Array<std::uint32_t>;

/// Copies a part of the encoding; it must be there with the size that the layout asks for.
template <class T>
void take(const std::optional<Codes>& from, std::vector<T>& to, const char* name) {
  if (to.empty() && !from) return;
  if (!from || static_cast<std::size_t>(from->size()) != to.size()) {
    throw InputError(std::string(name) + ": expected " + std::to_string(to.size()) + " values");
  }
  std::copy_n(from->data(), to.size(), to.begin());
}

Array<float> decode_matrix(const Codes& codes, const std::optional<Codes>& scales,
                           const std::optional<Codes>& zero_points,
                           const std::optional<Codes>& offsets, double tensor_scale,
                           const std::string& format, const std::optional<Block>& block) {
  const DataLayout layout = layout_of(format, block, "");
  QuantizedMatrix stored(layout, codes.shape(0), codes.shape(1));
  take(codes, stored.codes, "codes");
  take(scales, stored.scales, "scales");
  take(zero_points, stored.zero_points, "zero_points");
  take(offsets, stored.offsets, "offsets");
  stored.tensor_scale = tensor_scale;
  const auto check = [](const auto& values, int bits, const char* name) {
    for (const std::uint32_t code : values) {
      if (bits < 32 && code >> bits != 0) {
        throw InputError(std::string(name) + ": a code has more than " + std::to_string(bits) +
                         " bits");
      }
    }
  };
  check(stored.codes, layout.format.element_bits, "codes");
  if (layout.format.scale) check(stored.scales, layout.format.scale->bits, "scales");
  if (layout.format.offsets) check(stored.offsets, layout.format.offsets->bits, "offsets");
  Array<float> result({stored.rows(), stored.cols()});
  dequantize(stored, {result.mutable_data(), stored.codes.size()});
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
  module.def("decode", decode_matrix, py::arg("codes"), py::arg("scales"), py::arg("zero_points"),
             py::arg("offsets"), py::arg("tensor_scale"), py::arg("format"), py::arg("block"));
  module.def("formats", format_rows, py::arg("names"));
  module.def("narrow", narrow_to_float, exact("values"), py::arg("format"));
}
