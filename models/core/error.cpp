#include "models/core/error.h"

#include <utility>

namespace mxsim {
namespace {

std::string all_lines(const std::vector<Diagnostic>& diagnostics) {
  std::string lines;
  for (const Diagnostic& diagnostic : diagnostics) {
    if (!lines.empty()) lines += '\n';
    lines += diagnostic.text();
  }
  return lines;
}

}  // namespace

std::string Diagnostic::text() const {
  std::string line;
  for (const std::string& part : {file, pointer}) {
    if (!part.empty()) line += part + ": ";
  }
  return line + message;
}

InputError::InputError(std::vector<Diagnostic> diagnostics)
    : std::runtime_error(all_lines(diagnostics)), diagnostics_(std::move(diagnostics)) {}

InputError::InputError(std::string message)
    : InputError(std::vector<Diagnostic>{{"", "", std::move(message)}}) {}

}  // namespace mxsim
