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

std::size_t length(const AttributeSpec& spec) { return spec.form == AttributeForm::kPair ? 2 : 1; }

/// What is wrong with a given value, "" when nothing.
std::string fault_of(const std::vector<std::int64_t>& value, const AttributeSpec& spec) {
  if (value.size() != 1 && value.size() != length(spec)) {
    return "got " + std::to_string(value.size()) + " numbers, expected " +
           (spec.form == AttributeForm::kPair ? "one or [height, width]" : "one");
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

std::int64_t Attributes::scalar(std::string_view name) const {
  const auto found = values_.find(name);
  ensure(found != values_.end(), "layer kind reads an attribute it does not declare");
  return found->second.front();
}

Extent2d Attributes::pair(std::string_view name) const {
  const auto found = values_.find(name);
  ensure(found != values_.end(), "layer kind reads an attribute it does not declare");
  return {found->second.front(), found->second.back()};
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
