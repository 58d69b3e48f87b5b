#include <CLI/CLI.hpp>
#include <charconv>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "models/core/error.h"
#include "models/formats/format_table.h"
#include "models/formats/quantizer.h"
#include "models/formats/round_to_odd.h"
#include "models/formats/scale_rule.h"
#include "sim/cli/command_table.h"
#include "sim/npy/npy_floats.h"
#include "sim/report/format_report.h"
#include "sim/report/output_file.h"

namespace mxsim {
namespace {

struct QuantizeArguments {
  std::string input;
  std::string format;
  std::string block;
  std::string rounding = "rne";
  std::string scale_rule;
  std::string random;
  std::uint64_t seed = 1;
  std::string dequantized;
  std::string codes;
  std::string scales;
};

BlockShape parse_block(const std::string& text) {
  constexpr std::int64_t kLargest = 1 << 20;
  BlockShape block{0, 0};
  const char* const end = text.data() + text.size();
  const auto rows = std::from_chars(text.data(), end, block.rows);
  const bool has_cross = rows.ec == std::errc() && rows.ptr != end && *rows.ptr == 'x';
  const bool is_whole = has_cross && std::from_chars(rows.ptr + 1, end, block.cols).ptr == end;
  const auto in_range = [](std::int64_t extent) { return extent >= 1 && extent <= kLargest; };
  if (is_whole && in_range(block.rows) && in_range(block.cols)) return block;
  throw InputError({{"--block", "",
                     "got \"" + text + "\", expected ROWSxCOLUMNS such as 8x8, each 1..1048576"}});
}

DataLayout layout_of(const QuantizeArguments& arguments) {
  DataLayout layout = default_layout(parse_format(arguments.format));
  FormatSpec& format = layout.format;
  const auto refuse = [&](const char* option, const std::string& why) {
    throw InputError({{option, "", "format " + format.name + " " + why}});
  };
  if (!arguments.scale_rule.empty()) {
    if (!format.scale || !format.scale->is_power_of_two()) {
      refuse("--scale-rule", "has no power-of-two block scale");
    }
    format.scale_rule = parse_scale_rule(arguments.scale_rule);
  }
  if (arguments.block.empty()) return layout;
  if (!format.scale) refuse("--block", "has no block scale");
  layout.block = parse_block(arguments.block);
  if (!format.offsets) return layout;
  const BlockShape& sub = format.offsets->shape;
  if (layout.block.rows % sub.rows != 0 || layout.block.cols % sub.cols != 0) {
    refuse("--block", "needs blocks of whole sub-blocks (" + std::to_string(sub.rows) + "x" +
                          std::to_string(sub.cols) + ")");
  }
  return layout;
}

/// Codes in the narrowest unsigned type.
template <class T>
void write_codes(OutputFile& file, NpyType type, const Shape& shape,
                 const std::vector<std::uint32_t>& codes) {
  const std::vector<T> narrow(codes.begin(), codes.end());
  file.write(npy_header(type, shape));
  file.write({reinterpret_cast<const char*>(narrow.data()), narrow.size() * sizeof(T)});
}

void write_codes(OutputFile& file, int bits, const Shape& shape,
                 const std::vector<std::uint32_t>& codes) {
  if (bits <= 8) return write_codes<std::uint8_t>(file, NpyType::kUint8, shape, codes);
  if (bits <= 16) return write_codes<std::uint16_t>(file, NpyType::kUint16, shape, codes);
  write_codes<std::uint32_t>(file, NpyType::kUint32, shape, codes);
}

Shape block_grid(const QuantizedMatrix& matrix) {
  const BlockShape& block = matrix.layout().block;
  return {ceil_div(matrix.rows(), block.rows), ceil_div(matrix.cols(), block.cols)};
}

/// All files under temporary names first, then all in place.
void write_results(const QuantizeArguments& arguments, const QuantizedMatrix& matrix,
                   const Shape& shape) {
  std::optional<OutputFile> dequantized;
  std::optional<OutputFile> codes;
  std::optional<OutputFile> scales;
  if (!arguments.dequantized.empty()) dequantized.emplace(arguments.dequantized);
  if (!arguments.codes.empty()) codes.emplace(arguments.codes);
  if (!arguments.scales.empty()) scales.emplace(arguments.scales);
  if (dequantized) {
    const std::vector<float> values = dequantize(matrix);
    dequantized->write(npy_header(NpyType::kFloat32, shape));
    dequantized->write(
        {reinterpret_cast<const char*>(values.data()), values.size() * sizeof(float)});
  }
  const FormatSpec& format = matrix.layout().format;
  if (codes) write_codes(*codes, format.element_bits, shape, matrix.codes);
  if (scales) write_codes(*scales, format.scale->bits, block_grid(matrix), matrix.scales);
  for (std::optional<OutputFile>* file : {&dequantized, &codes, &scales}) {
    if (*file) (*file)->commit();
  }
}

std::vector<float> read_values(const NpyArray& array, const QuantizeArguments& arguments,
                               const FormatSpec& format) {
  const bool is_narrow = format.element.significand_bits() <= kBitsAfterRoundToOdd;
  return to_floats(array, arguments.input,
                   is_narrow ? Float64Rounding::kToOdd : Float64Rounding::kNearestEven);
}

std::vector<std::uint16_t> read_words(const QuantizeArguments& arguments, std::size_t elements) {
  if (arguments.random.empty()) return {};
  if (arguments.rounding != to_string(Rounding::kStochastic)) {
    throw InputError({{"--random", "", "is for --rounding sr"}});
  }
  auto words = to_words(read_npy(arguments.random), arguments.random);
  if (words.size() != elements) {
    throw InputError(
        {{arguments.random, "",
          "holds " + std::to_string(words.size()) + " words, expected one for each of " +
              std::to_string(elements) + " elements"}});
  }
  return words;
}

int quantize_file(const QuantizeArguments& arguments, Console& console) {
  const DataLayout layout = layout_of(arguments);
  QuantizeOptions options{.rounding = parse_rounding(arguments.rounding), .seed = arguments.seed};
  if (!arguments.scales.empty() && !layout.format.scale) {
    throw InputError({{"--scales", "", "format " + layout.format.name + " has no block scale"}});
  }
  const NpyArray array = read_npy(arguments.input);
  const std::vector<float> values = read_values(array, arguments, layout.format);
  const std::vector<std::uint16_t> words = read_words(arguments, values.size());
  options.random = words;
  const std::int64_t cols = array.shape.back();
  const std::int64_t rows = static_cast<std::int64_t>(values.size()) / cols;
  const QuantizedMatrix matrix = quantize(values, rows, cols, layout, options);
  const QuantizationSummary summary{arguments.input,
                                    layout,
                                    rows,
                                    cols,
                                    arguments.rounding,
                                    quantization_statistics(values, matrix)};
  write_results(arguments, matrix, array.shape);
  console.out << (console.json() ? quantize_json(summary) : quantize_text(summary));
  return kExitDone;
}

}  // namespace

CommandAction set_up_quantize(CLI::App& app) {
  const auto arguments = std::make_shared<QuantizeArguments>();
  app.add_option("IN", arguments->input,
                 ".npy array of float16, float32 or float64; its last axis is the row")
      ->required();
  app.add_option("--format", arguments->format, "number format, see mxsim formats")->required();
  app.add_option("--block", arguments->block, "ROWSxCOLUMNS that share a scale; the format's own");
  app.add_option("--rounding", arguments->rounding,
                 "rne, rna (ties away), rnz (ties toward zero), rtz or sr (stochastic)")
      ->capture_default_str();
  app.add_option("--scale-rule", arguments->scale_rule, "floor, up, ceil, midmax or even");
  app.add_option("--random", arguments->random, ".npy of uint16, a word an element, for sr");
  app.add_option("--seed", arguments->seed, "of the words for sr without --random")
      ->capture_default_str();
  app.add_option("-o,--output", arguments->dequantized, "write the dequantized float32 array");
  app.add_option("--codes", arguments->codes, "write the element codes");
  app.add_option("--scales", arguments->scales, "write the codes of the block scales");
  return [arguments](Console& console) { return quantize_file(*arguments, console); };
}

}  // namespace mxsim
