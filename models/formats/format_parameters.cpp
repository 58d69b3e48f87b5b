#include "models/formats/format_parameters.h"

#include <charconv>
#include <optional>
#include <set>
#include <string>

#include "models/core/did_you_mean.h"
#include "models/core/error.h"
#include "models/formats/format_table.h"
#include "models/formats/number_builders.h"
#include "models/formats/scale_rule.h"

namespace mxsim {
namespace {

constexpr std::int64_t kLargestBlock = 4096;
const std::string kHadamardSuffix = ":hadamard=";

class ParameterReader {
 public:
  ParameterReader(FormatSpec format, std::string_view text)
      : format_(std::move(format)),
        text_(text),
        own_(format_),
        overflow_(format_.element.overflow),
        subnormals_(format_.element.subnormals) {
    const std::size_t bare = name_without_block(format_).size();
    names_block_ = bare < format_.name.size();
    format_.name.resize(bare);
    if (format_.name == "mxsf") mxsf_ = MxsfParameters{};
    if (format_.name == "mxsf_clamp") mxsf_ = MxsfParameters{.mode_boundary = RangeEnd::kClamp};
  }

  void read(std::string_view parameter) {
    if (read_block(parameter)) return;
    const auto equals = parameter.find('=');
    const std::string key(equals == std::string_view::npos ? "rule" : parameter.substr(0, equals));
    const std::string_view value =
        equals == std::string_view::npos ? parameter : parameter.substr(equals + 1);
    if (!seen_.insert(key).second) fail("parameter \"" + key + "\" twice");
    if (key == "rule") return set_rule(value);
    if (key == "nan") return set_nan_policy(value);
    if (key == "bias") return set_bias(value);
    if (key == "boundary") return set_boundary(value);
    if (key == "overflow") return set_overflow(value);
    if (key == "subnormals") return set_subnormals(value);
    if (key == "rounding") return set_rounding(value);
    if (key == "hadamard") return set_hadamard(value);
    fail("unknown parameter \"" + key +
         "\": bias, boundary, hadamard, nan, overflow, rounding or subnormals" +
         did_you_mean(
             key, {"bias", "boundary", "hadamard", "nan", "overflow", "rounding", "subnormals"}));
  }

  FormatSpec finish() {
    if (seen_.contains("bias") || seen_.contains("boundary")) set_mxsf_element();
    if (overflow_ != own_.element.overflow) {
      format_.element.overflow = overflow_;
      format_.name +=
          overflow_ == Overflow::kSaturate ? ":overflow=saturate" : ":overflow=infinity";
    }
    if (subnormals_ != own_.element.subnormals) {
      format_.element.subnormals = subnormals_;
      format_.name += subnormals_ == Subnormals::kFlush ? ":subnormals=flush" : ":subnormals=keep";
    }
    if (format_.scale_rule != own_.scale_rule) {
      format_.name += ":" + std::string(to_string(format_.scale_rule));
    }
    if (format_.nan_policy != own_.nan_policy) {
      const bool poisons = format_.nan_policy == NanPolicy::kPoisonBlock;
      format_.name += poisons ? ":nan=poison" : ":nan=saturate";
    }
    if (format_.rounding != own_.rounding) {
      format_.name += format_.rounding == Rounding::kStochastic ? ":rounding=sr" : ":rounding=rne";
    }
    if (format_.hadamard != own_.hadamard) {
      format_.name += kHadamardSuffix + std::to_string(format_.hadamard);
    }
    const bool text_has_it = own_.fixed_block && !names_block_;
    if (format_.fixed_block && !(text_has_it && format_.default_block == own_.default_block)) {
      format_.name += block_suffix(format_.default_block);
    }
    return format_;
  }

 private:
  [[noreturn]] void fail(const std::string& message) const {
    throw InputError("format \"" + std::string(text_) + "\": " + message);
  }

  void set_rounding(std::string_view value) {
    if (value != "rne" && value != "sr") fail("rounding is rne or sr");
    format_.rounding = parse_rounding(value);
  }

  void set_hadamard(std::string_view value) {
    if (!format_.scale) fail("a Hadamard transform needs a block scale");
    if (value != "16" && value != "32") fail("a Hadamard transform has 16 or 32 points");
    format_.hadamard = value == "16" ? 16 : 32;
  }

  /// "16x16", or "16": 1 x 16.
  bool read_block(std::string_view parameter) {
    const auto x = parameter.find('x');
    const auto cols = extent(x == std::string_view::npos ? parameter : parameter.substr(x + 1));
    const auto rows = x == std::string_view::npos ? std::optional<std::int64_t>(1)
                                                  : extent(parameter.substr(0, x));
    if (!rows || !cols) return false;
    if (!seen_.insert("block").second) fail("a block twice");
    if (!format_.scale) fail("a block needs a block scale");
    if (format_.default_block.rows == kWholeAxis && format_.default_block.cols == kWholeAxis) {
      fail("one scale serves the whole tensor");
    }
    if (format_.offsets && BlockShape{*rows, *cols} != own_.default_block) {
      fail("the block of a format with sub-blocks is its own");
    }
    if (*rows < 1 || *cols < 1 || *rows > kLargestBlock || *cols > kLargestBlock) {
      fail("a block is 1 to " + std::to_string(kLargestBlock) + " rows and columns");
    }
    format_.default_block = {*rows, *cols};
    format_.fixed_block = true;
    return true;
  }

  static std::optional<std::int64_t> extent(std::string_view text) {
    std::int64_t value = 0;
    const char* const end = text.data() + text.size();
    const auto [rest, error] = std::from_chars(text.data(), end, value);
    if (error != std::errc() || rest != end || text.empty()) return std::nullopt;
    return value;
  }

  void set_rule(std::string_view value) {
    if (!format_.scale || !format_.scale->is_power_of_two()) {
      fail("a scale rule needs a power-of-two scale");
    }
    format_.scale_rule = parse_scale_rule(value);
  }

  void set_nan_policy(std::string_view value) {
    if (!format_.scale) fail("a NaN policy needs a block scale");
    if (value != "poison" && value != "saturate") fail("nan is poison or saturate");
    format_.nan_policy = value == "poison" ? NanPolicy::kPoisonBlock : NanPolicy::kSaturate;
  }

  MxsfParameters& mxsf(std::string_view key) {
    if (!mxsf_) fail(std::string(key) + " is a parameter of mxsf");
    return *mxsf_;
  }

  void set_bias(std::string_view value) {
    int& bias = mxsf("bias").small_bias;
    const char* const end = value.data() + value.size();
    const auto [rest, error] = std::from_chars(value.data(), end, bias);
    if (error != std::errc() || rest != end) fail("bias is not an integer");
  }

  void set_boundary(std::string_view value) {
    RangeEnd& boundary = mxsf("boundary").mode_boundary;
    if (value != "carry" && value != "clamp") fail("boundary is carry or clamp");
    boundary = value == "carry" ? RangeEnd::kCarry : RangeEnd::kClamp;
  }

  void set_overflow(std::string_view value) {
    if (value != "saturate" && value != "infinity") fail("overflow is saturate or infinity");
    if (format_.element.specials == SpecialCodes::kNone) {
      fail("an overflow mode needs elements with infinity or NaN");
    }
    overflow_ = value == "saturate" ? Overflow::kSaturate : Overflow::kInfinity;
  }

  void set_subnormals(std::string_view value) {
    if (value != "keep" && value != "flush") fail("subnormals are keep or flush");
    const bool is_float =
        format_.element.sign == SignCoding::kSignMagnitude && format_.element.smallest_code == 0;
    if (!is_float) fail("subnormals are of floating-point elements");
    subnormals_ = value == "keep" ? Subnormals::kKeep : Subnormals::kFlush;
  }

  /// A row of the table where there is one for the parameters.
  void set_mxsf_element() {
    FormatSpec plain = parse_format("mxsf");
    const int usual_bias = MxsfParameters{}.small_bias;
    if (mxsf_->small_bias != usual_bias) plain.name += ":bias=" + std::to_string(mxsf_->small_bias);
    if (mxsf_->mode_boundary == RangeEnd::kClamp) plain.name += ":boundary=clamp";
    try {
      plain.element = mxsf_number(*mxsf_);
    } catch (const InputError& error) {
      fail(error.what());
    }
    plain = table_row_or(std::move(plain));
    format_.name = plain.name;
    format_.element = plain.element;
  }

  FormatSpec format_;
  std::string_view text_;
  FormatSpec own_;
  bool names_block_ = false;  ///< the block stands behind a colon of the name
  Overflow overflow_;
  Subnormals subnormals_;
  std::optional<MxsfParameters> mxsf_;
  std::set<std::string> seen_;
};

}  // namespace

std::string block_suffix(const BlockShape& block) {
  return ":" + std::to_string(block.rows) + "x" + std::to_string(block.cols);
}

std::string_view name_without_block(const FormatSpec& format) {
  std::string_view name = format.name;
  const std::string block = block_suffix(format.default_block);
  if (format.fixed_block && name.ends_with(block)) name.remove_suffix(block.size());
  return name;
}

FormatSpec without_hadamard(FormatSpec format) {
  if (format.hadamard == 0) return format;
  const std::string part = kHadamardSuffix + std::to_string(format.hadamard);
  format.name.erase(format.name.find(part), part.size());
  format.hadamard = 0;
  return format;
}

FormatSpec with_parameters(FormatSpec format, std::string_view text, std::string_view parameters) {
  ParameterReader reader(std::move(format), text);
  while (true) {
    const auto colon = parameters.find(':');
    reader.read(parameters.substr(0, colon));
    if (colon == std::string_view::npos) return reader.finish();
    parameters.remove_prefix(colon + 1);
  }
}

}  // namespace mxsim
