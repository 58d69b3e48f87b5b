#pragma once

#include <string>
#include <systemc>
#include <thread>

#include "sim/output/output_file.h"

namespace mxsim {

/// Writes the VCD of one simulation into a file. Construct before the simulation starts, finish()
/// after it. The same simulation gives the same bytes: no date. SystemC does not tell of writes
/// that fail; so it writes into a pipe, whose other end is read and written here.
class Waveform {
 public:
  /// `file` outlives the waveform, which does not commit it.
  explicit Waveform(OutputFile& file);
  ~Waveform();
  Waveform(const Waveform&) = delete;
  Waveform& operator=(const Waveform&) = delete;

  sc_core::sc_trace_file& file() { return *trace_; }
  /// Throws std::runtime_error when not all of it could be written.
  void finish();

 private:
  void open_pipe();
  void close();
  void copy();
  void take(std::string_view bytes);

  OutputFile& file_;
  std::string folder_;  ///< of the pipe
  std::string pipe_;
  int reader_ = -1;
  int writer_ = -1;
  sc_core::sc_trace_file* trace_ = nullptr;
  std::thread copier_;
  std::string head_;  ///< up to the end of the date
  bool after_date_ = false;
  std::string fault_;
};

}  // namespace mxsim
