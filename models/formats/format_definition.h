#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "models/formats/format_spec.h"

namespace mxsim {

/// A format of the user's own: its parts in the words of parse_format().
struct FormatDefinition {
  std::string element;                  ///< number
  std::string scale;                    ///< number that block scales are taken from; "": none
  std::string tensor_scale;             ///< number, a scale of the scales
  std::string zero_point;               ///< number, of unsigned elements
  std::vector<std::int64_t> block;      ///< rows, columns; empty: the whole tensor
  std::vector<std::int64_t> sub_block;  ///< rows, columns that share an offset; empty: none
  std::int64_t offset_bits = 1;
  std::vector<std::string> parameters;  ///< as behind the colons of a name
};

/// By name.
using FormatDefinitions = std::map<std::string, FormatDefinition>;

/// The format under that name. Throws InputError: a name that is no word of letters, digits, '_',
/// '-' and '.', or that means a format already; parts that make no format.
FormatSpec defined_format(const std::string& name, const FormatDefinition& definition);

/// parse_format() of a text without parameters, as if nothing were defined.
FormatSpec parse_usual_format(std::string_view text);

/// The formats of definitions that are known to be good.
std::map<std::string, FormatSpec> defined_formats(const FormatDefinitions& definitions);

/// While it lives, parse_format() on this thread also knows these formats, beside those of scopes
/// around it. A name of an outer scope is hidden by the same one within.
class DefinedFormats {
 public:
  explicit DefinedFormats(std::map<std::string, FormatSpec> formats);
  ~DefinedFormats();
  DefinedFormats(const DefinedFormats&) = delete;
  DefinedFormats& operator=(const DefinedFormats&) = delete;

  /// Null when no scope has it.
  static const FormatSpec* find(std::string_view name);
  /// Of all scopes, for suggestions.
  static std::vector<std::string> names();

 private:
  std::map<std::string, FormatSpec, std::less<>> formats_;
  const DefinedFormats* outer_;
};

}  // namespace mxsim
