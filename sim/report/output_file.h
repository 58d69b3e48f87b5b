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

/// The whole content at once.
void write_file(const std::string& path, std::string_view content);

/// Creates the folder and its parents. Throws InputError when that is not possible.
void make_folder(const std::string& path);

}  // namespace mxsim
