#pragma once

#include <stdexcept>
#include <string>
#include <vector>

namespace mxsim {

/// One fault in the user's input, printed as `file: pointer: message` (empty parts are left out).
struct Diagnostic {
  std::string file;
  std::string pointer;  ///< RFC 6901 JSON pointer, e.g. "/chip/array/rows"
  std::string message;

  std::string text() const;
  bool operator==(const Diagnostic&) const = default;
};

/// The user's input is wrong: every fault found, at least one. Ends the program with exit code 2.
class InputError : public std::runtime_error {
 public:
  explicit InputError(std::vector<Diagnostic> diagnostics);
  explicit InputError(std::string message);

  const std::vector<Diagnostic>& diagnostics() const { return diagnostics_; }

 private:
  std::vector<Diagnostic> diagnostics_;
};

/// A broken promise inside the program, never the user's fault. Ends the program with exit code 1.
class InternalError : public std::logic_error {
 public:
  using std::logic_error::logic_error;
};

/// Throws InternalError with `message` unless `condition` holds.
inline void ensure(bool condition, const char* message) {
  if (!condition) throw InternalError(message);
}

}  // namespace mxsim
