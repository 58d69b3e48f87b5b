#pragma once

#include <string>
#include <systemc>

namespace mxsim {

/// A VCD file of one simulation. Construct before the simulation starts, commit() after it; without
/// commit() nothing remains. The same simulation gives the same bytes: no date.
class Waveform {
 public:
  /// Throws InputError when `path` cannot be written.
  explicit Waveform(std::string path);
  ~Waveform();
  Waveform(const Waveform&) = delete;
  Waveform& operator=(const Waveform&) = delete;

  sc_core::sc_trace_file& file() { return *file_; }
  void commit();

 private:
  void close();

  std::string path_;
  std::string temporary_;  ///< SystemC adds ".vcd"
  sc_core::sc_trace_file* file_ = nullptr;
};

}  // namespace mxsim
