#include "sim/npy/npy_header.h"

#include <charconv>
#include <set>

#include "models/core/error.h"

namespace mxsim {
namespace {

class HeaderParser {
 public:
  explicit HeaderParser(std::string_view text) : rest_(text) {}

  NpyHeader parse() {
    expect('{');
    while (!accept('}')) {
      entry();
      if (!accept(',')) {
        expect('}');
        break;
      }
    }
    skip_space();
    if (!rest_.empty()) fail("text after the header's dictionary");
    for (const char* key : {"descr", "fortran_order", "shape"}) {
      if (!seen_.contains(key)) fail("the header has no \"" + std::string(key) + "\"");
    }
    return std::move(header_);
  }

 private:
  [[noreturn]] static void fail(const std::string& message) { throw InputError(message); }

  void skip_space() {
    const auto at = rest_.find_first_not_of(" \t\n\r");
    rest_.remove_prefix(at == std::string_view::npos ? rest_.size() : at);
  }

  bool accept(char wanted) {
    skip_space();
    if (rest_.empty() || rest_.front() != wanted) return false;
    rest_.remove_prefix(1);
    return true;
  }

  void expect(char wanted) {
    if (!accept(wanted)) fail("the header is not NumPy's dictionary");
  }

  bool accept(std::string_view word) {
    skip_space();
    if (!rest_.starts_with(word)) return false;
    rest_.remove_prefix(word.size());
    return true;
  }

  std::string quoted() {
    skip_space();
    const char quote = rest_.empty() ? '\0' : rest_.front();
    if (quote == '[') fail("structured arrays are not supported");
    if (quote != '\'' && quote != '"') fail("the header is not NumPy's dictionary");
    const auto end = rest_.find(quote, 1);
    if (end == std::string_view::npos) fail("the header is not NumPy's dictionary");
    std::string text(rest_.substr(1, end - 1));
    rest_.remove_prefix(end + 1);
    return text;
  }

  void entry() {
    const std::string key = quoted();
    if (!seen_.insert(key).second) fail("the header has \"" + key + "\" twice");
    expect(':');
    if (key == "descr") {
      header_.descr = quoted();
    } else if (key == "fortran_order") {
      header_.fortran_order = accept("True");
      if (!header_.fortran_order && !accept("False")) fail("fortran_order is not True or False");
    } else if (key == "shape") {
      shape();
    } else {
      fail("the header has an unknown key \"" + key + "\"");
    }
  }

  void shape() {
    expect('(');
    while (!accept(')')) {
      header_.shape.push_back(extent());
      if (!accept(',')) {
        expect(')');
        break;
      }
    }
  }

  std::int64_t extent() {
    constexpr std::int64_t kLargest = std::int64_t{1} << 62;
    skip_space();
    std::int64_t value = -1;
    const auto [end, error] = std::from_chars(rest_.data(), rest_.data() + rest_.size(), value);
    if (error != std::errc() || value < 0 || value > kLargest) {
      fail("an extent of the shape is not an integer in 0..2^62");
    }
    rest_.remove_prefix(static_cast<std::size_t>(end - rest_.data()));
    return value;
  }

  std::string_view rest_;
  NpyHeader header_;
  std::set<std::string> seen_;
};

}  // namespace

NpyHeader parse_npy_header(std::string_view text) { return HeaderParser(text).parse(); }

}  // namespace mxsim
