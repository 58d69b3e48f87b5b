#pragma once

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

  /// The steps of commit(), for files that appear together (OutputSet): the bytes reach the disk;
  /// the file appears; it is gone again, and a file that it replaced is back.
  void sync();
  void publish();
  void withdraw();

 private:
  std::string path_;
  std::string temporary_;
  int descriptor_ = -1;
  bool published_ = false;
  bool replaced_ = false;  ///< the temporary name now has the file that was there before
};

/// The whole content at once.
void write_file(const std::string& path, std::string_view content);

}  // namespace mxsim
