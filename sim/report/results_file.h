#pragma once

#include <string>
#include <string_view>

namespace mxsim {

/// A file that grows by whole lines and is this process's alone while it is open.
class ResultsFile {
 public:
  /// Opens the file, or makes it. Throws InputError when that is not possible or another process
  /// has it open.
  explicit ResultsFile(std::string path);
  ~ResultsFile();
  ResultsFile(const ResultsFile&) = delete;
  ResultsFile& operator=(const ResultsFile&) = delete;

  /// `line` with its newline. Throws std::runtime_error when it does not fit the disk; the file
  /// then ends with the line before.
  void append(std::string_view line);

 private:
  std::string path_;
  int descriptor_ = -1;
};

}  // namespace mxsim
