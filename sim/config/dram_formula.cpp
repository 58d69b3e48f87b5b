#include "sim/config/dram_formula.h"

#include <cctype>
#include <charconv>
#include <vector>

#include "models/core/did_you_mean.h"
#include "models/core/error.h"
#include "models/core/shape.h"

namespace mxsim {
namespace {

class Parser {
 public:
  Parser(std::string_view text, const std::map<std::string, std::int64_t>& names)
      : text_(text), names_(names) {}

  std::int64_t sum() {
    std::int64_t total = product();
    while (true) {
      const char sign = peek();
      if (sign == '\0') return total;
      if (sign != '+' && sign != '-') fail("expected + or - at \"" + rest() + "\"");
      ++at_;
      const std::int64_t term = product();
      const bool overflow = sign == '+' ? __builtin_add_overflow(total, term, &total)
                                        : __builtin_sub_overflow(total, term, &total);
      if (overflow) fail("exceeds 64 bits");
    }
  }

 private:
  [[noreturn]] void fail(const std::string& what) const {
    throw InputError("\"" + std::string(text_) + "\": " + what);
  }

  std::string rest() const { return std::string(text_.substr(at_)); }

  char peek() {
    while (at_ < text_.size() && text_[at_] == ' ') ++at_;
    return at_ < text_.size() ? text_[at_] : '\0';
  }

  std::int64_t product() {
    std::int64_t value = atom();
    while (peek() == '*') {
      ++at_;
      const auto scaled = checked_mul(value, atom());
      if (!scaled) fail("exceeds 64 bits");
      value = *scaled;
    }
    return value;
  }

  std::int64_t atom() {
    peek();
    const std::size_t begin = at_;
    while (at_ < text_.size() &&
           (std::isalnum(static_cast<unsigned char>(text_[at_])) != 0 || text_[at_] == '_')) {
      ++at_;
    }
    const std::string word(text_.substr(begin, at_ - begin));
    if (word.empty()) fail("expected a name or a number at \"" + rest() + "\"");
    std::int64_t number = 0;
    const auto parsed = std::from_chars(word.data(), word.data() + word.size(), number);
    if (parsed.ec == std::errc() && parsed.ptr == word.data() + word.size()) return number;
    const auto found = names_.find(word);
    if (found != names_.end()) return found->second;
    std::vector<std::string> known;
    for (const auto& [name, value] : names_) known.push_back(name);
    fail("unknown parameter \"" + word + "\"" + did_you_mean(word, known));
  }

  std::string_view text_;
  const std::map<std::string, std::int64_t>& names_;
  std::size_t at_ = 0;
};

}  // namespace

std::int64_t evaluate_formula(std::string_view text,
                              const std::map<std::string, std::int64_t>& names) {
  return Parser(text, names).sum();
}

bool mentions(std::string_view formula, std::string_view name) {
  const auto in_name = [&](std::size_t i) {
    return i < formula.size() &&
           (std::isalnum(static_cast<unsigned char>(formula[i])) != 0 || formula[i] == '_');
  };
  for (std::size_t at = formula.find(name); at != std::string_view::npos;
       at = formula.find(name, at + 1)) {
    if (!in_name(at - 1) && !in_name(at + name.size())) return true;
  }
  return false;
}

}  // namespace mxsim
