#include "sim/run/waveform.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <stdexcept>
#include <string_view>
#include <utility>

#include "sim/output/temporary_files.h"

namespace mxsim {
namespace {

[[noreturn]] void fail(const std::string& path) {
  throw std::runtime_error(path + ": " + std::strerror(errno));
}

/// The header without its "$date ... $end" section.
std::string without_date(std::string text, std::size_t end) {
  const std::size_t line_end = text.find('\n', end);
  return text.erase(text.find("$date"), line_end + 1 - text.find("$date"));
}

}  // namespace

Waveform::Waveform(OutputFile& file) : file_(file) {
  open_pipe();
  trace_ = sc_core::sc_create_vcd_trace_file((folder_ + "/wave").c_str());  // SystemC adds ".vcd"
  trace_->set_time_unit(1, sc_core::SC_PS);
  copier_ = std::thread([this] { copy(); });
}

Waveform::~Waveform() { close(); }

void Waveform::open_pipe() {
  folder_ = (std::filesystem::temp_directory_path() / "mxsim.XXXXXX").string();
  if (mkdtemp(folder_.data()) == nullptr) fail(folder_);
  pipe_ = folder_ + "/wave.vcd";
  note_temporary(pipe_.c_str());
  if (mkfifo(pipe_.c_str(), 0600) != 0) fail(pipe_);
  reader_ = open(pipe_.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC);
  writer_ = open(pipe_.c_str(), O_WRONLY | O_CLOEXEC);  // without it the pipe ends before it begins
  if (reader_ < 0 || writer_ < 0 || fcntl(reader_, F_SETFL, 0) != 0) fail(pipe_);
}

void Waveform::copy() {
  std::array<char, 1 << 16> piece{};
  while (true) {
    const ssize_t got = read(reader_, piece.data(), piece.size());
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return;
    if (!fault_.empty()) continue;  // SystemC must not wait for a reader
    try {
      take({piece.data(), static_cast<std::size_t>(got)});
    } catch (const std::exception& error) {
      fault_ = error.what();
    }
  }
}

void Waveform::take(std::string_view bytes) {
  if (after_date_) return file_.write(bytes);
  head_ += bytes;
  const std::size_t begin = head_.find("$date");
  const std::size_t end = begin == std::string::npos ? begin : head_.find("$end", begin);
  if (end == std::string::npos || head_.find('\n', end) == std::string::npos) return;
  after_date_ = true;
  file_.write(without_date(std::exchange(head_, {}), end));
}

void Waveform::close() {
  if (trace_ == nullptr) return;
  sc_core::sc_close_vcd_trace_file(std::exchange(trace_, nullptr));
  ::close(writer_);
  copier_.join();
  ::close(reader_);
  forget_temporary(pipe_.c_str());
  unlink(pipe_.c_str());
  rmdir(folder_.c_str());
}

void Waveform::finish() {
  close();
  if (!after_date_) file_.write(head_);
  if (!fault_.empty()) throw std::runtime_error(fault_);
}

}  // namespace mxsim
