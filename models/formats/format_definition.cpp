#include "models/formats/format_definition.h"

#include <algorithm>
#include <utility>

#include "models/core/error.h"
#include "models/formats/format_parameters.h"
#include "models/formats/format_parser.h"

namespace mxsim {
namespace {

/// Scopes of different threads have nothing to do with each other.
thread_local const DefinedFormats* innermost = nullptr;

class Definition {
 public:
  Definition(const std::string& name, const FormatDefinition& parts) : name_(name), parts_(parts) {}

  FormatSpec format() const {
    check_name();
    for (const std::string* part :
         {&parts_.element, &parts_.scale, &parts_.tensor_scale, &parts_.zero_point}) {
      if (part->find(',') != std::string::npos) {
        fail("\"" + *part + "\" has a comma, expected a number");
      }
    }
    FormatSpec format = elements_under_scale();
    set_block(format);
    set_offsets(format);
    for (const std::string& parameter : parts_.parameters) {
      format.name = name_;
      format = with_parameters(std::move(format), name_ + ":" + parameter, parameter);
    }
    format.name = name_;
    return format;
  }

 private:
  [[noreturn]] void fail(const std::string& message) const {
    throw InputError("format \"" + name_ + "\": " + message);
  }

  void check_name() const {
    constexpr std::size_t kLongest = 40;
    const auto is_letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); };
    const bool is_word =
        !name_.empty() && name_.size() <= kLongest && is_letter(name_.front()) &&
        std::all_of(name_.begin(), name_.end(), [&](char c) {
          return is_letter(c) || (c >= '0' && c <= '9') || c == '_' || c == '-' || c == '.';
        });
    if (!is_word) {
      fail("a name is a letter and up to 39 letters, digits, \"_\", \"-\" or \".\"");
    }
    if (is_usual()) fail("the name means a format already");
  }

  bool is_usual() const {
    try {
      parse_usual_format(name_);
      return true;
    } catch (const InputError&) {
      return false;
    }
  }

  FormatSpec elements_under_scale() const {
    const bool two_modes = parts_.element.starts_with("mxsf");
    std::string text = two_modes ? "e2m5fin" : parts_.element;
    if (text.find(':') != std::string::npos) fail("elements have no parameters but those of mxsf");
    if (!parts_.scale.empty()) text += "," + scale_part(parts_.scale);
    if (!parts_.tensor_scale.empty() && !parts_.zero_point.empty()) {
      fail("expected one of tensor_scale and zero_point");
    }
    for (const std::string& second : {parts_.tensor_scale, parts_.zero_point}) {
      if (second.empty()) continue;
      if (parts_.scale.empty()) fail("tensor_scale and zero_point need a scale");
      text += "_" + scale_part(second);
    }
    FormatSpec format = parse_usual_format(text);
    if (format.zero_point.has_value() != !parts_.zero_point.empty() && !parts_.scale.empty()) {
      fail("a zero point belongs to unsigned elements, a tensor scale to others");
    }
    if (two_modes) {
      if (!format.scale || !format.scale->is_power_of_two()) {
        fail("elements of mxsf need a power-of-two scale");
      }
      format.element = parse_format(parts_.element).element;
    }
    return format;
  }

  /// A number and nothing else: no tile, no second number.
  std::string scale_part(const std::string& text) const {
    const std::size_t from = text.starts_with("float8_") ? 7 : 0;
    const bool whole = text.find('_', from) == std::string::npos && !text.starts_with('t') &&
                       text.find(':') == std::string::npos;
    if (!whole) fail("\"" + text + "\" is no number");
    return text;
  }

  void set_block(FormatSpec& format) const {
    if (parts_.block.empty()) return;
    if (!format.scale) fail("a block needs a scale");
    const auto extent = [](std::int64_t given) { return given == 0 ? kWholeAxis : given; };
    format.default_block = {extent(parts_.block[0]), extent(parts_.block[1])};
    format.fixed_block = format.default_block != BlockShape{kWholeAxis, kWholeAxis};
  }

  void set_offsets(FormatSpec& format) const {
    if (parts_.sub_block.empty()) return;
    if (!format.scale || !format.scale->is_power_of_two()) {
      fail("sub-blocks need a power-of-two scale");
    }
    const BlockShape sub{parts_.sub_block[0], parts_.sub_block[1]};
    const BlockShape& block = format.default_block;
    const bool divides = block.rows != kWholeAxis && block.cols != kWholeAxis &&
                         block.rows % sub.rows == 0 && block.cols % sub.cols == 0 && sub != block;
    if (!divides) fail("sub_block does not divide the block");
    format.offsets = SubBlockOffsets{sub, static_cast<int>(parts_.offset_bits)};
  }

  const std::string& name_;
  const FormatDefinition& parts_;
};

}  // namespace

FormatSpec defined_format(const std::string& name, const FormatDefinition& definition) {
  return Definition(name, definition).format();
}

std::map<std::string, FormatSpec> defined_formats(const FormatDefinitions& definitions) {
  std::map<std::string, FormatSpec> formats;
  for (const auto& [name, definition] : definitions) {
    formats.emplace(name, defined_format(name, definition));
  }
  return formats;
}

DefinedFormats::DefinedFormats(std::map<std::string, FormatSpec> formats)
    : formats_(std::make_move_iterator(formats.begin()), std::make_move_iterator(formats.end())),
      outer_(innermost) {
  innermost = this;
}

DefinedFormats::~DefinedFormats() { innermost = outer_; }

const FormatSpec* DefinedFormats::find(std::string_view name) {
  for (const DefinedFormats* scope = innermost; scope != nullptr; scope = scope->outer_) {
    const auto found = scope->formats_.find(name);
    if (found != scope->formats_.end()) return &found->second;
  }
  return nullptr;
}

std::vector<std::string> DefinedFormats::names() {
  std::vector<std::string> names;
  for (const DefinedFormats* scope = innermost; scope != nullptr; scope = scope->outer_) {
    for (const auto& [name, format] : scope->formats_) names.push_back(name);
  }
  return names;
}

}  // namespace mxsim
