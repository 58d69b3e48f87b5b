#include <CLI/CLI.hpp>
#include <algorithm>
#include <charconv>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "models/core/error.h"
#include "models/formats/band_cast.h"
#include "models/formats/layout_request.h"
#include "models/formats/round_to_odd.h"
#include "sim/cli/command_table.h"
#include "sim/npy/npy_floats.h"
#include "sim/npy/npy_rows.h"
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
  LayoutRequest request{.format = arguments.format,
                        .block = std::nullopt,
                        .scale_rule = arguments.scale_rule,
                        .block_option = "--block",
                        .scale_rule_option = "--scale-rule"};
  if (!arguments.block.empty()) request.block = parse_block(arguments.block);
  DataLayout layout = requested_layout(request);
  if (!arguments.scales.empty() && !layout.format.scale) {
    throw InputError({{"--scales", "", "format " + layout.format.name + " has no block scale"}});
  }
  return layout;
}

NpyType code_type(int bits) {
  return bits <= 8 ? NpyType::kUint8 : bits <= 16 ? NpyType::kUint16 : NpyType::kUint32;
}

/// An output file, or nothing where the user wants none.
class Output {
 public:
  Output(const std::string& path, NpyType type, const Shape& shape) {
    if (path.empty()) return;
    std::error_code error;
    if (std::filesystem::is_directory(path, error)) throw InputError({{path, "", "is a folder"}});
    file_.emplace(path);
    file_->write(npy_header(type, shape));
  }
  template <class T>
  void write(const std::vector<T>& values) {
    if (!file_) return;
    file_->write({reinterpret_cast<const char*>(values.data()), values.size() * sizeof(T)});
  }
  void commit() {
    if (file_) file_->commit();
  }

 private:
  std::optional<OutputFile> file_;
};

std::optional<NpyRows> open_words(const QuantizeArguments& arguments, std::int64_t elements) {
  if (arguments.random.empty()) return std::nullopt;
  if (arguments.rounding != to_string(Rounding::kStochastic)) {
    throw InputError({{"--random", "", "is for --rounding sr"}});
  }
  NpyRows words(arguments.random);
  if (words.file().type() != NpyType::kUint16) {
    throw InputError(
        {{arguments.random, "",
          "holds " + std::string(to_string(words.file().type())) + ", expected uint16"}});
  }
  if (words.file().elements() != elements) {
    throw InputError(
        {{arguments.random, "",
          "holds " + std::to_string(words.file().elements()) + " words, expected one for each of " +
              std::to_string(elements) + " elements"}});
  }
  return words;
}

/// Reads, casts, counts and writes band after band.
class FileCast {
 public:
  FileCast(const QuantizeArguments& arguments, const DataLayout& layout)
      : arguments_(arguments),
        layout_(layout),
        in_(arguments.input),
        words_(open_words(arguments, in_.file().elements())),
        rounding_(parse_rounding(arguments.rounding)),
        cast_(layout, {.rounding = rounding_, .seed = arguments.seed}, in_.rows(), in_.cols()),
        statistics_(layout.format) {
    check_type();
  }

  QuantizationSummary run() {
    const FormatSpec& format = layout_.format;
    const int scale_bits = format.scale ? format.scale->bits : 0;
    const std::int64_t grid_cols = ceil_div(in_.cols(), layout_.block.cols);
    const std::int64_t blocks = ceil_div(in_.rows(), layout_.block.rows) * grid_cols;
    const Shape& shape = in_.file().shape();
    Output values(arguments_.dequantized, NpyType::kFloat32, shape);
    Output codes(arguments_.codes, code_type(format.element_bits), shape);
    Output scales(arguments_.scales, code_type(scale_bits), {blocks / grid_cols, grid_cols});
    for (std::int64_t row = 0; row < in_.rows(); row += cast_.band_rows()) {
      cast_band(row, std::min(cast_.band_rows(), in_.rows() - row));
      values.write(values_);
      codes.write(codes_);
      scales.write(scales_);
    }
    for (Output* output : {&values, &codes, &scales}) output->commit();
    return {arguments_.input,
            layout_,
            in_.rows(),
            in_.cols(),
            format.scale ? blocks : 0,
            arguments_.rounding,
            statistics_.finish()};
  }

 private:
  void check_type() const {
    const NpyType type = in_.file().type();
    if (type == NpyType::kFloat16 || type == NpyType::kFloat32 || type == NpyType::kFloat64) return;
    throw InputError(
        {{arguments_.input, "",
          "holds " + std::string(to_string(type)) + ", expected float16, float32 or float64"}});
  }

  void cast_band(std::int64_t row, std::int64_t rows) {
    const FormatSpec& format = layout_.format;
    const bool is_narrow = format.element.significand_bits() <= kBitsAfterRoundToOdd;
    const std::vector<float> band =
        to_floats(in_.read(rows), arguments_.input,
                  is_narrow ? Float64Rounding::kToOdd : Float64Rounding::kNearestEven);
    std::vector<std::uint16_t> words;
    if (words_) words = read_words(rows);
    values_.resize(band.size());
    codes_.resize(band.size() * static_cast<std::size_t>(code_bytes(format.element_bits)));
    if (format.scale) {
      const std::int64_t blocks = cast_.blocks_above(row + rows) - cast_.blocks_above(row);
      scales_.resize(static_cast<std::size_t>(blocks * code_bytes(format.scale->bits)));
    }
    cast_.run(row, band, {values_, codes_, scales_}, words);
    statistics_.add(band, values_, codes_);
  }

  /// The file of words may have any shape with as many elements.
  std::vector<std::uint16_t> read_words(std::int64_t rows) {
    if (words_->cols() == in_.cols()) return to_words(words_->read(rows), arguments_.random);
    if (all_words_.empty()) all_words_ = to_words(words_->read(words_->rows()), arguments_.random);
    const auto begin = all_words_.begin() + static_cast<std::ptrdiff_t>(words_used_);
    const std::int64_t count = rows * in_.cols();
    words_used_ += count;
    return {begin, begin + count};
  }

  const QuantizeArguments& arguments_;
  const DataLayout& layout_;
  NpyRows in_;
  std::optional<NpyRows> words_;
  Rounding rounding_;
  BandCast cast_;
  StatisticsCollector statistics_;
  std::vector<float> values_;
  std::vector<std::byte> codes_;
  std::vector<std::byte> scales_;
  std::vector<std::uint16_t> all_words_;
  std::int64_t words_used_ = 0;
};

int quantize_file(const QuantizeArguments& arguments, Console& console) {
  const DataLayout layout = layout_of(arguments);
  const QuantizationSummary summary = FileCast(arguments, layout).run();
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
