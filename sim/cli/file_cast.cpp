#include "sim/cli/file_cast.h"

#include <algorithm>
#include <filesystem>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "models/core/error.h"
#include "models/core/units.h"
#include "models/formats/band_cast.h"
#include "models/formats/round_to_odd.h"
#include "sim/npy/npy_floats.h"
#include "sim/npy/npy_rows.h"
#include "sim/output/output_set.h"

namespace mxsim {
namespace {

NpyType code_type(int bits) {
  switch (code_bytes(bits)) {
    case 1:
      return NpyType::kUint8;
    case 2:
      return NpyType::kUint16;
    default:
      return NpyType::kUint32;
  }
}

/// An output file, or nothing where the user wants none.
class Output {
 public:
  void open(OutputFile& file, NpyType type, const Shape& shape) {
    file_ = &file;
    file_->write(npy_header(type, shape));
  }
  template <class T>
  void write(const std::vector<T>& values) {
    if (file_ == nullptr) return;
    file_->write({reinterpret_cast<const char*>(values.data()), values.size() * sizeof(T)});
  }

 private:
  OutputFile* file_ = nullptr;
};

void check_parts(const CastFiles& files, const DataLayout& layout) {
  for (std::size_t i = 0; i < kEncodingParts.size(); ++i) {
    if (files.parts[i].empty() || part_layout(layout, kEncodingParts[i])) continue;
    throw InputError({{kPartOptions[i].flag, "",
                       "format " + layout.format.name + " has no " + kPartOptions[i].absent}});
  }
}

/// Links followed; a file that is not there yet is named by its folder.
std::filesystem::path real_path(const std::string& path) {
  std::error_code error;
  const std::filesystem::path whole = std::filesystem::absolute(path, error);
  const auto real = error ? whole : std::filesystem::weakly_canonical(whole, error);
  return error ? std::filesystem::path(path) : real;
}

void check_collisions(const CastFiles& files) {
  std::map<std::filesystem::path, std::string> uses;
  uses.emplace(real_path(files.input), "the input");
  if (!files.random.empty()) uses.emplace(real_path(files.random), "the file of --random");
  const auto claim = [&](const std::string& flag, const std::string& path) {
    if (path.empty()) return;
    const auto [use, is_new] = uses.emplace(real_path(path), "the file of " + flag);
    if (!is_new) throw InputError({{flag, "", path + " is also " + use->second}});
  };
  claim("--output", files.values);
  for (std::size_t i = 0; i < files.parts.size(); ++i) claim(kPartOptions[i].flag, files.parts[i]);
}

std::optional<NpyRows> open_words(const CastFiles& files, Rounding rounding,
                                  std::int64_t elements) {
  if (files.random.empty()) return std::nullopt;
  if (rounding != Rounding::kStochastic) {
    throw InputError({{"--random", "", "is for --rounding sr"}});
  }
  NpyRows words(files.random);
  if (words.file().type() != NpyType::kUint16) {
    throw InputError(
        {{files.random, "",
          "holds " + std::string(to_string(words.file().type())) + ", expected uint16"}});
  }
  if (words.file().elements() != elements) {
    throw InputError(
        {{files.random, "",
          "holds " + std::to_string(words.file().elements()) + " words, expected one for each of " +
              std::to_string(elements) + " elements"}});
  }
  return words;
}

class FileCast {
 public:
  FileCast(const CastFiles& files, const DataLayout& layout, Rounding rounding, std::uint64_t seed)
      : files_(files),
        layout_(layout),
        in_(files.input),
        words_(open_words(files, rounding, in_.file().elements())),
        cast_(layout, {.rounding = rounding, .seed = seed}, in_.rows(), in_.cols()),
        statistics_(layout.format) {
    check_type();
    check_band();
    open_outputs();
  }

  QuantizationSummary run(const std::function<void(std::int64_t, std::int64_t)>& progress) {
    QuantizationSummary summary;
    for (std::int64_t row = 0; row < in_.rows(); row += cast_.band_rows()) {
      progress(row, in_.rows());
      summary.tensor_scale = cast_band(row, std::min(cast_.band_rows(), in_.rows() - row));
      values_file_.write(values_);
      for (std::size_t i = 0; i < parts_.size(); ++i) part_files_[i].write(parts_[i]);
    }
    outputs_.commit();
    const auto scales = part_layout(layout_, EncodingPart::kScales);
    summary.input = files_.input;
    summary.layout = layout_;
    summary.rows = in_.rows();
    summary.cols = in_.cols();
    summary.blocks = scales ? scales->grid_rows(in_.rows()) * scales->grid_cols(in_.cols()) : 0;
    summary.statistics = statistics_.finish();
    return summary;
  }

 private:
  void check_type() const {
    const NpyType type = in_.file().type();
    if (type == NpyType::kBfloat16 || type == NpyType::kFloat16 || type == NpyType::kFloat32 ||
        type == NpyType::kFloat64)
      return;
    throw InputError({{files_.input, "",
                       "holds " + std::string(to_string(type)) +
                           ", expected bfloat16, float16, float32 or float64"}});
  }

  /// A band is in memory with its codes and its values.
  void check_band() const {
    constexpr std::int64_t kMostElements = std::int64_t{1} << 28;
    const std::int64_t rows = std::min(cast_.band_rows(), in_.rows());
    const auto held = checked_mul(rows, in_.cols());
    if (held && *held <= kMostElements) return;
    throw InputError(
        {{files_.input, "",
          std::to_string(rows) + (rows == 1 ? " row of " : " rows of ") +
              std::to_string(in_.cols()) + " elements are cast together, expected at most " +
              std::to_string(kMostElements) + " elements"}});
  }

  void open_outputs() {
    const Shape& shape = in_.file().shape();
    if (!files_.values.empty())
      values_file_.open(outputs_.file(files_.values), NpyType::kFloat32, shape);
    for (const EncodingPart part : kEncodingParts) {
      const auto i = static_cast<std::size_t>(part);
      if (files_.parts[i].empty()) continue;
      const PartLayout one = part_layout(layout_, part).value();
      const Shape grid{one.grid_rows(in_.rows()), one.grid_cols(in_.cols())};
      part_files_[i].open(outputs_.file(files_.parts[i]), code_type(one.bits),
                          part == EncodingPart::kCodes ? shape : grid);
    }
  }

  /// Returns the tensor scale.
  double cast_band(std::int64_t row, std::int64_t rows) {
    const bool is_narrow = layout_.format.element.significand_bits() <= kBitsAfterRoundToOdd;
    const std::vector<float> band =
        to_floats(in_.read(rows), files_.input,
                  is_narrow ? Float64Rounding::kToOdd : Float64Rounding::kNearestEven);
    std::vector<std::uint16_t> words;
    if (words_) words = read_words(rows);
    values_.resize(band.size());
    CastOutput output{values_, {}};
    for (std::size_t i = 0; i < parts_.size(); ++i) {
      const std::int64_t bytes = cast_.bytes_above(row + rows, kEncodingParts[i]) -
                                 cast_.bytes_above(row, kEncodingParts[i]);
      parts_[i].resize(static_cast<std::size_t>(bytes));
      output.parts[i] = parts_[i];
    }
    const double tensor_scale = cast_.run(row, band, output, words);
    statistics_.add(band, values_, parts_[static_cast<std::size_t>(EncodingPart::kCodes)]);
    return tensor_scale;
  }

  /// The file of words may have any shape with as many elements.
  std::vector<std::uint16_t> read_words(std::int64_t rows) {
    if (words_->cols() == in_.cols()) return to_words(words_->read(rows), files_.random);
    if (all_words_.empty()) all_words_ = to_words(words_->read(words_->rows()), files_.random);
    const auto begin = all_words_.begin() + static_cast<std::ptrdiff_t>(words_used_);
    const std::int64_t count = rows * in_.cols();
    words_used_ += count;
    return {begin, begin + count};
  }

  const CastFiles& files_;
  const DataLayout& layout_;
  NpyRows in_;
  std::optional<NpyRows> words_;
  BandCast cast_;
  StatisticsCollector statistics_;
  OutputSet outputs_;
  Output values_file_;
  std::array<Output, kEncodingParts.size()> part_files_;
  std::vector<float> values_;
  std::array<std::vector<std::byte>, kEncodingParts.size()> parts_;
  std::vector<std::uint16_t> all_words_;
  std::int64_t words_used_ = 0;
};

}  // namespace

QuantizationSummary cast_file(
    const CastFiles& files, const DataLayout& layout, Rounding rounding, std::uint64_t seed,
    const std::function<void(std::int64_t done, std::int64_t rows)>& progress) {
  check_parts(files, layout);
  check_collisions(files);
  QuantizationSummary summary = FileCast(files, layout, rounding, seed).run(progress);
  summary.rounding = to_string(rounding);
  return summary;
}

}  // namespace mxsim
