#include "models/formats/format_parser.h"

#include <re2/re2.h>

#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "models/core/did_you_mean.h"
#include "models/core/error.h"
#include "models/formats/format_definition.h"
#include "models/formats/format_parameters.h"
#include "models/formats/format_table.h"
#include "models/formats/number_parser.h"

namespace mxsim {
namespace {

/// One "t"T["s"S]["o"O]["d"D]; -1: absent.
struct Tile {
  int size = -1;
  int sub_size = -1;
  int offset_bits = -1;
  int axis = -1;
};

class DatatypeParser {
 public:
  explicit DatatypeParser(std::string_view text) : text_(text) {}

  /// Nothing when the text does not begin with a number.
  std::optional<FormatSpec> parse() {
    const auto comma = text_.find(',');
    const std::string_view element = text_.substr(0, comma);
    refuse_codebook(element);
    if (comma == std::string_view::npos) return parse_unscaled(element);
    // "number,scale,name": the name is the writer's own and says nothing about the format.
    read_scale(text_.substr(comma + 1, text_.find(',', comma + 1) - comma - 1));
    if (!format_.scale) fail("a scale begins with a number");
    if (format_.scale->specials == SpecialCodes::kNone) fail("a scale needs a NaN code");
    if (const FormatSpec* signs = mean_scaled(element)) return under_mean(*signs);
    const auto place =
        format_.scale->is_power_of_two() ? NumberPlace::kUnderPowerOfTwo : NumberPlace::kUnderFloat;
    const auto number = parse_number(element, place);
    if (!number) return std::nullopt;
    set_element(*number);
    assign_second_number();
    apply_tiles();
    return format_;
  }

 private:
  [[noreturn]] void fail(const std::string& message) const {
    throw InputError("format \"" + std::string(text_) + "\": " + message);
  }

  /// Elements of the table whose scale is the mean magnitude: binary, ternary.
  static const FormatSpec* mean_scaled(std::string_view element) {
    for (const FormatSpec& format : format_table()) {
      if (format.name == element && format.scale_statistic == ScaleStatistic::kMean) return &format;
    }
    return nullptr;
  }

  /// "binary,float32_t0"
  FormatSpec under_mean(const FormatSpec& signs) {
    if (format_.scale->is_power_of_two() || second_) {
      fail("the mean magnitude is one floating-point scale");
    }
    set_element(signs.element);
    format_.scale_statistic = ScaleStatistic::kMean;
    assign_second_number();
    apply_tiles();
    return format_;
  }

  std::optional<FormatSpec> parse_unscaled(std::string_view element) {
    const auto number = parse_number(element, NumberPlace::kAlone);
    if (!number) return std::nullopt;
    set_element(*number);
    if (element.starts_with("int") || element.starts_with("uint")) {
      format_.scale = NumberSpec{};
      if (number->sign == SignCoding::kUnsigned) second_ = *number;
      assign_second_number();
      format_.default_block = {kWholeAxis, kWholeAxis};
    }
    return format_;
  }

  void refuse_codebook(std::string_view element) const {
    static const RE2 kCodebook("cb[0-9]{2}.*");
    if (!RE2::FullMatch(element, kCodebook)) return;
    fail(
        "codebooks are not supported: their values are chosen tile by tile from tables that no "
        "multiplier of the array decodes");
  }

  void set_element(const NumberSpec& number) {
    if (number.is_power_of_two()) fail("elements have a sign or a zero point");
    format_.name = std::string(text_);
    format_.element = number;
    format_.element_bits = number.bits;
  }

  void read_scale(std::string_view scale) {
    while (true) {
      // "float8_e4m3fn" holds the separator itself.
      const std::size_t from = scale.starts_with("float8_") ? 7 : 0;
      const auto end = scale.find('_', from);
      read_segment(scale.substr(0, end));
      if (end == std::string_view::npos) return;
      scale.remove_prefix(end + 1);
    }
  }

  void read_segment(std::string_view segment) {
    if (read_tile(segment)) return;
    const auto number = parse_number(segment, NumberPlace::kAlone);
    if (!number) fail("\"" + std::string(segment) + "\" is neither a number nor a tile");
    if (!tiles_.empty() || second_) fail("a scale has one or two numbers, then its tiles");
    (format_.scale ? second_ : format_.scale) = *number;
  }

  bool read_tile(std::string_view segment) {
    static const RE2 kTile("t([0-9]{0,4})(?:s([0-9]{1,4}))?(?:o([0-9]{1,4}))?(?:d([0-9]))?");
    std::array<std::string, 4> match;
    if (!RE2::FullMatch(segment, kTile, &match[0], &match[1], &match[2], &match[3])) return false;
    const auto value = [&](std::size_t group, int otherwise) {
      return match.at(group).empty() ? otherwise : std::stoi(match.at(group));
    };
    tiles_.push_back({value(0, 0), value(1, -1), value(2, -1), value(3, -1)});
    check_tile(tiles_.back());
    return true;
  }

  void check_tile(const Tile& tile) const {
    const bool is_power = (tile.size & (tile.size - 1)) == 0;
    if (!is_power || tile.size == 1 || tile.size > 1024) {
      fail("tile size " + std::to_string(tile.size) + " is not 0, 2, 4, 8, ... 1024");
    }
    if (tile.sub_size >= 0 && (tile.sub_size < 2 || tile.size == 0 || tile.size % tile.sub_size)) {
      fail("sub-tile size " + std::to_string(tile.sub_size) + " does not divide its tile");
    }
    if (tile.offset_bits >= 0 && (tile.offset_bits < 1 || tile.offset_bits > 4)) {
      fail("offset bits " + std::to_string(tile.offset_bits) + " are not in 1..4");
    }
    if ((tile.sub_size >= 0) != (tile.offset_bits >= 0)) {
      fail("a sub-tile (s) and its offset (o) belong together");
    }
    if (tile.axis > 1) fail("axis " + std::to_string(tile.axis) + " of a matrix");
  }

  void assign_second_number() {
    const bool is_unsigned = format_.element.sign == SignCoding::kUnsigned;
    if (is_unsigned && !second_) {
      fail("unsigned elements need a zero point: \"scale_zero\"");
    }
    format_.scale_bits = format_.scale->bits;
    if (!second_) return;
    if (format_.scale->is_power_of_two()) fail("a power-of-two scale stands alone");
    if (!is_unsigned) {
      format_.tensor_scale = second_;
      return;
    }
    if (second_->lsb_exponent() != 0 || second_->specials != SpecialCodes::kNone) {
      fail("a zero point is an integer");
    }
    format_.zero_point = second_;
    format_.scale_bits += second_->bits;
  }

  void apply_tiles() {
    if (tiles_.size() > 2) fail("a matrix has two axes");
    if (tiles_.size() == 2 && tiles_[0].axis < 0 && tiles_[1].axis < 0) tiles_[0].axis = 0;
    format_.default_block = {1, 1};
    if (tiles_.empty()) format_.default_block = {kWholeAxis, kWholeAxis};
    SubBlockOffsets offsets;
    bool has_offsets = false;
    bool is_set[2] = {false, false};
    for (const Tile& tile : tiles_) {
      const bool is_rows = tile.axis == 0;
      if (std::exchange(is_set[is_rows], true)) fail("two tiles on one axis");
      (is_rows ? format_.default_block.rows : format_.default_block.cols) =
          tile.size == 0 ? kWholeAxis : tile.size;
      if (tile.sub_size < 0) continue;
      (is_rows ? offsets.shape.rows : offsets.shape.cols) = tile.sub_size;
      if (has_offsets && offsets.bits != tile.offset_bits) fail("one width of offsets");
      offsets.bits = tile.offset_bits;
      has_offsets = true;
    }
    // A stated tile is no default that a run's block replaces.
    format_.fixed_block = format_.default_block != BlockShape{kWholeAxis, kWholeAxis};
    if (!has_offsets) return;
    if (!format_.scale->is_power_of_two()) fail("sub-tiles need a power-of-two scale");
    format_.offsets = offsets;
  }

  std::string_view text_;
  FormatSpec format_;
  std::optional<NumberSpec> second_;
  std::vector<Tile> tiles_;
};

/// Names of families that people use for one of their formats: that one, or a list to choose from.
struct Family {
  std::string_view name;
  std::string_view format;   ///< "": which one is meant cannot be told
  std::string_view formats;  ///< to write instead
};
constexpr std::array<Family, 6> kFamilies{{{"mxfp8", "", "mxfp8_e4m3 or mxfp8_e5m2"},
                                           {"mxfp6", "", "mxfp6_e2m3 or mxfp6_e3m2"},
                                           {"mxfp4", "mxfp4_e2m1", ""},
                                           {"fp8", "", "fp8_e4m3 or fp8_e5m2"},
                                           {"fp6", "", "mxfp6_e2m3 or mxfp6_e3m2"},
                                           {"fp4", "", "mxfp4_e2m1 or nvfp4"}}};

/// The name in lower case, with the table's underscores; of a family with one format, that
/// format's.
std::string usual_name(std::string_view text) {
  std::string name(text);
  std::transform(name.begin(), name.end(), name.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  std::replace(name.begin(), name.end(), '-', '_');
  for (const Family& family : kFamilies) {
    if (family.name != name) continue;
    if (!family.format.empty()) return std::string(family.format);
    throw InputError("format \"" + std::string(text) + "\" is a family, expected " +
                     std::string(family.formats));
  }
  return name;
}

}  // namespace

FormatSpec parse_usual_format(std::string_view written) {
  constexpr std::size_t kLongest = 100;
  const std::string usual = usual_name(written);
  const std::string_view text = usual;
  std::vector<std::string> names = DefinedFormats::names();
  for (const FormatSpec& format : format_table()) {
    if (format.name == text) return format;
    names.push_back(format.name);
  }
  if (text.size() <= kLongest) {
    if (auto format = DatatypeParser(text).parse()) return table_row_or(std::move(*format));
  }
  throw InputError("unknown format \"" + std::string(written.substr(0, kLongest)) + "\"" +
                   did_you_mean(text, names));
}

FormatSpec parse_format(std::string_view text) {
  const auto colon = text.find(':');
  const std::string_view name = text.substr(0, colon);
  const FormatSpec* const defined = DefinedFormats::find(name);
  const FormatSpec format = defined != nullptr ? *defined : parse_usual_format(name);
  if (colon == std::string_view::npos) return format;
  return with_parameters(format, text, text.substr(colon + 1));
}

}  // namespace mxsim
