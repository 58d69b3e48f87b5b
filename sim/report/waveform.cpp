#include "sim/report/waveform.h"

#include <cstdio>
#include <fstream>
#include <sstream>
#include <utility>

#include "sim/report/output_file.h"

namespace mxsim {
namespace {

/// The text without its "$date ... $end" section.
std::string without_date(std::string text) {
  const std::size_t begin = text.find("$date");
  if (begin == std::string::npos) return text;
  const std::size_t end = text.find("$end", begin);
  return text.erase(begin, text.find('\n', end) + 1 - begin);
}

}  // namespace

Waveform::Waveform(std::string path) : path_(std::move(path)), temporary_(path_ + ".partial") {
  OutputFile probe(path_);  // an unwritable place is the user's fault, known before the run
  file_ = sc_core::sc_create_vcd_trace_file(temporary_.c_str());
  file_->set_time_unit(1, sc_core::SC_PS);
}

Waveform::~Waveform() {
  close();
  std::remove((temporary_ + ".vcd").c_str());
}

void Waveform::close() {
  if (file_ != nullptr) sc_core::sc_close_vcd_trace_file(std::exchange(file_, nullptr));
}

void Waveform::commit() {
  close();
  std::ostringstream text;
  text << std::ifstream(temporary_ + ".vcd").rdbuf();
  write_file(path_, without_date(text.str()));
}

}  // namespace mxsim
