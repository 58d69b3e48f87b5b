#include "sim/output/output_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <stdexcept>
#include <system_error>
#include <utility>

#include "models/core/error.h"
#include "sim/output/temporary_files.h"

namespace mxsim {
namespace {

[[noreturn]] void fail(const std::string& path) {
  throw std::system_error(errno, std::generic_category(), path);
}

/// Changes the two names' files in one step; false where the file system cannot, or no file has the
/// second name.
bool swap_files(const std::string& one, const std::string& other) {
  struct stat status {};
  if (lstat(other.c_str(), &status) != 0 || S_ISDIR(status.st_mode)) return false;
  return renameat2(AT_FDCWD, one.c_str(), AT_FDCWD, other.c_str(), RENAME_EXCHANGE) == 0;
}

}  // namespace

OutputFile::OutputFile(std::string path) : path_(std::move(path)), temporary_(path_ + ".XXXXXX") {
  if (path_.empty()) throw InputError("the name of an output file is empty");
  // A rename would put a file in the place of a device or a pipe.
  std::error_code error;
  const auto status = std::filesystem::status(path_, error);
  if (std::filesystem::is_directory(status)) throw InputError({{path_, "", "is a folder"}});
  if (std::filesystem::exists(status) && !std::filesystem::is_regular_file(status)) {
    throw InputError({{path_, "", "is not a regular file"}});
  }
  // A signal that ends the program may come as soon as the file exists: mkstemp puts the name there
  // before it makes the file.
  note_temporary(temporary_.data());
  descriptor_ = mkstemp(temporary_.data());
  if (descriptor_ < 0) {
    const std::string reason = std::strerror(errno);
    forget_temporary(temporary_.data());
    throw InputError({{path_, "", "cannot be written: " + reason}});
  }
  const mode_t mask = umask(0);
  umask(mask);
  fchmod(descriptor_, 0666 & ~mask);
}

OutputFile::~OutputFile() {
  if (!published_ || replaced_) unlink(temporary_.c_str());
  if (descriptor_ < 0) return;
  forget_temporary(temporary_.c_str());
  close(descriptor_);
}

void OutputFile::write(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(descriptor_, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) fail(path_);
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
}

void OutputFile::sync() {
  if (fsync(descriptor_) != 0) fail(path_);
}

void OutputFile::publish() {
  replaced_ = swap_files(temporary_, path_);
  if (!replaced_ && std::rename(temporary_.c_str(), path_.c_str()) != 0) fail(path_);
  published_ = true;
}

void OutputFile::withdraw() {
  if (!published_) return;
  if (replaced_) {
    swap_files(temporary_, path_);
  } else {
    unlink(path_.c_str());
  }
  replaced_ = false;
  published_ = false;
}

void OutputFile::commit() {
  sync();
  publish();
}

void write_file(const std::string& path, std::string_view content) {
  OutputFile file(path);
  file.write(content);
  file.commit();
}

}  // namespace mxsim
