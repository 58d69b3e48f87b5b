#include "sim/report/results_file.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <stdexcept>
#include <utility>

#include "models/core/error.h"

namespace mxsim {

ResultsFile::ResultsFile(std::string path) : path_(std::move(path)) {
  constexpr int kReadableByAll = 0666;
  constexpr int kFlags = O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NONBLOCK;  // never waits
  descriptor_ = open(path_.c_str(), kFlags, kReadableByAll);
  if (descriptor_ < 0) {
    throw InputError({{path_, "", "cannot be written: " + std::string(std::strerror(errno))}});
  }
  struct stat status {};
  if (fstat(descriptor_, &status) != 0 || !S_ISREG(status.st_mode)) {
    close(descriptor_);
    throw InputError({{path_, "", "is not a regular file"}});
  }
  if (flock(descriptor_, LOCK_EX | LOCK_NB) == 0) return;
  close(descriptor_);
  throw InputError({{path_, "", "another sweep is writing it"}});
}

ResultsFile::~ResultsFile() {
  fsync(descriptor_);
  close(descriptor_);
}

void ResultsFile::append(std::string_view line) {
  const off_t before = lseek(descriptor_, 0, SEEK_END);
  while (!line.empty()) {
    const ssize_t written = write(descriptor_, line.data(), line.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) {
      const int reason = errno;
      const bool whole = ftruncate(descriptor_, before) == 0;
      throw std::runtime_error(path_ + ": " + std::strerror(reason) +
                               (whole ? "" : "; its last line is torn"));
    }
    line.remove_prefix(static_cast<std::size_t>(written));
  }
}

}  // namespace mxsim
