#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

namespace mxsim {

/// Another program at work, its output thrown away; killed at the end of its scope.
class RunningProgram {
 public:
  explicit RunningProgram(const std::vector<std::string>& arguments);
  ~RunningProgram();
  RunningProgram(const RunningProgram&) = delete;
  RunningProgram& operator=(const RunningProgram&) = delete;

  bool running();
  /// Its own processes.
  std::vector<pid_t> children() const;
  /// Has a handler of its own for the signal.
  bool catches(int signal) const;
  void kill(int signal) const;
  /// Waits for its end. 128 + signal when it was killed.
  int wait();

 private:
  pid_t process_ = -1;
  bool ended_ = false;
  int status_ = 0;
};

}  // namespace mxsim
