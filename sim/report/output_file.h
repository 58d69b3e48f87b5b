#pragma once

#include <span>
#include <string>
#include <string_view>

namespace mxsim {

/// A file that appears whole or not at all: written under a temporary name beside it, renamed by
/// commit(). Without commit() nothing remains. Throws InputError when the place cannot be written,
/// std::runtime_error when writing fails later (disk full).
class OutputFile {
 public:
  explicit OutputFile(std::string path);
  ~OutputFile();
  OutputFile(const OutputFile&) = delete;
  OutputFile& operator=(const OutputFile&) = delete;

  void write(std::string_view bytes);
  void commit();

 private:
  std::string path_;
  std::string temporary_;
  int descriptor_ = -1;
};

}  // namespace mxsim
