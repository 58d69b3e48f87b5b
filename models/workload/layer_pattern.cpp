#include "models/workload/layer_pattern.h"

#include <re2/re2.h>

#include "models/core/error.h"

namespace mxsim {
namespace {

RE2::Options options() {
  constexpr std::int64_t kMostBytes = 1 << 20;  // of a compiled expression
  RE2::Options options;
  options.set_log_errors(false);
  options.set_max_mem(kMostBytes);
  return options;
}

/// "" or why the expression cannot be compiled.
std::string fault_of(const RE2& expression) {
  constexpr std::size_t kLongestQuotation = 60;
  if (expression.ok()) return "";
  std::string reason = expression.error();
  const std::string quotation = ": " + expression.error_arg();
  if (reason.ends_with(quotation)) reason.resize(reason.size() - quotation.size());
  const std::string& text = expression.pattern();
  const std::string shown =
      text.size() <= kLongestQuotation ? text : text.substr(0, kLongestQuotation) + "...";
  return "\"" + shown + "\" is no regular expression: " + reason;
}

std::string length_fault(const std::string& text) {
  if (text.size() <= LayerPattern::kLongest) return "";
  return "a text of " + std::to_string(text.size()) +
         " bytes, expected a regular expression of at most " +
         std::to_string(LayerPattern::kLongest);
}

}  // namespace

std::string LayerPattern::fault(const std::string& text) {
  const std::string too_long = length_fault(text);
  return too_long.empty() ? fault_of(RE2(text, options())) : too_long;
}

LayerPattern::LayerPattern(const std::string& text) {
  std::string reason = length_fault(text);
  if (reason.empty()) {
    expression_ = std::make_shared<const RE2>(text, options());
    reason = fault_of(*expression_);
  }
  if (!reason.empty()) throw InputError(reason);
}

bool LayerPattern::matches(std::string_view name) const {
  return RE2::FullMatch(name, *expression_);
}

bool LayerPattern::matches(std::string_view name, std::string& captured) const {
  captured.clear();
  if (expression_->NumberOfCapturingGroups() == 0) return matches(name);
  return RE2::FullMatch(name, *expression_, &captured);
}

std::string LayerPattern::quoted(std::string_view name) { return RE2::QuoteMeta(name); }

}  // namespace mxsim
