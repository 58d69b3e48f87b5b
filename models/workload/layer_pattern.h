#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

namespace re2 {
class RE2;
}

namespace mxsim {

/// A regular expression over whole layer names in RE2's syntax (Perl's without look-around and
/// back-references). A match takes time proportional to the name's length.
class LayerPattern {
 public:
  static constexpr std::size_t kLongest = 4096;  ///< bytes of an expression

  /// Throws InputError with fault(text).
  explicit LayerPattern(const std::string& text);

  bool matches(std::string_view name) const;
  /// The same; `captured` becomes the text of the first group, "" without one.
  bool matches(std::string_view name, std::string& captured) const;

  /// Why the text is no expression; "" if it is one.
  static std::string fault(const std::string& text);
  /// The expression that names `name` alone.
  static std::string quoted(std::string_view name);

 private:
  std::shared_ptr<const re2::RE2> expression_;
};

}  // namespace mxsim
