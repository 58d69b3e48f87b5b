#include "models/workload/attributes.h"

#include <algorithm>

#include "models/core/did_you_mean.h"

namespace mxsim {
namespace {

/// RFC 6901 escapes of one reference token.
std::string escaped(const std::string& token) {
  std::string text;
  for (const char c : token) {
    if (c == '~') {
      text += "~0";
    } else if (c == '/') {
      text += "~1";
    } else {
      text += c;
    }
  }
  return text;
}

constexpr std::size_t kLongestList = 64;

bool has_length(const AttributeSpec& spec, std::size_t length) {
  switch (spec.form) {
    case AttributeForm::kScalar:
      return length == 1;
    case AttributeForm::kPair:
      return length == 1 || length == 2;
    case AttributeForm::kSides:
      return length == 1 || length == 2 || length == 4;
    case AttributeForm::kList:
      return length >= 1 && length <= kLongestList;
  }
  return false;
}

std::string_view lengths(const AttributeSpec& spec) {
  switch (spec.form) {
    case AttributeForm::kScalar:
      return "one";
    case AttributeForm::kPair:
      return "one or [height, width]";
    case AttributeForm::kSides:
      return "one, [height, width] or [top, left, bottom, right]";
    case AttributeForm::kList:
      return "1 to 64";
  }
  return "";
}

/// What is wrong with a given value, "" when nothing.
std::string fault_of(const std::vector<std::int64_t>& value, const AttributeSpec& spec) {
  if (!has_length(spec, value.size())) {
    return "got " + std::to_string(value.size()) + " numbers, expected " +
           std::string(lengths(spec));
  }
  for (const std::int64_t number : value) {
    if (number < spec.low || number > spec.high) {
      return "got " + std::to_string(number) + ", expected " + std::to_string(spec.low) + ".." +
             std::to_string(spec.high) + " (" + std::string(spec.meaning) + ")";
    }
  }
  return "";
}

void refuse_unknown(const RawAttributes& raw, std::span<const AttributeSpec> specs,
                    const std::string& pointer, std::vector<Diagnostic>& faults) {
  std::vector<std::string> known;
  for (const AttributeSpec& spec : specs) known.emplace_back(spec.name);
  for (const auto& [name, value] : raw) {
    if (std::find(known.begin(), known.end(), name) != known.end()) continue;
    faults.push_back(
        {"", pointer + "/" + escaped(name), "unknown attribute" + did_you_mean(name, known)});
  }
}

}  // namespace

std::int64_t Attributes::scalar(std::string_view name) const { return list(name).front(); }

Extent2d Attributes::pair(std::string_view name) const {
  return {list(name).front(), list(name).back()};
}

Sides Attributes::sides(std::string_view name) const {
  const std::vector<std::int64_t>& all = list(name);
  if (all.size() == 4) return {all[0], all[1], all[2], all[3]};
  return {all.front(), all.back(), all.front(), all.back()};
}

const std::vector<std::int64_t>& Attributes::list(std::string_view name) const {
  const auto found = values_.find(name);
  ensure(found != values_.end(), "layer kind reads an attribute it does not declare");
  return found->second;
}

Attributes Attributes::read(const RawAttributes& raw, std::span<const AttributeSpec> specs,
                            const std::string& pointer, std::vector<Diagnostic>& faults) {
  Attributes result;
  for (const AttributeSpec& spec : specs) {
    const std::string name(spec.name);
    std::vector<std::int64_t> value{spec.standard.value_or(spec.low)};
    const auto given = raw.find(name);
    if (given == raw.end() && !spec.standard) {
      faults.push_back(
          {"", pointer,
           "attribute \"" + name + "\" is missing (" + std::string(spec.meaning) + ")"});
    } else if (given != raw.end()) {
      const std::string fault = fault_of(given->second, spec);
      if (fault.empty()) {
        value = given->second;
      } else {
        faults.push_back({"", pointer + "/" + escaped(name), fault});
      }
    }
    result.values_[name] = value;
  }
  refuse_unknown(raw, specs, pointer, faults);
  return result;
}

}  // namespace mxsim
