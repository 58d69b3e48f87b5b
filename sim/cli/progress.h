#pragma once

#include <cstddef>
#include <ostream>
#include <string>

#include "sim/cli/interrupt.h"

namespace mxsim {

/// Shows how far long work is: a bar that is redrawn on a terminal, elsewhere a line at every
/// tenth. Also the place where Ctrl-C ends the work.
class Progress {
 public:
  /// `err` is a terminal if standard error is. `parts`: what is counted.
  Progress(std::ostream& err, std::string what, std::string parts = "groups");
  ~Progress();

  /// Throws Interrupted after Ctrl-C.
  void update(std::size_t done, std::size_t total);

 private:
  std::ostream& err_;
  std::string what_;
  std::string parts_;
  bool terminal_;
  std::size_t last_tenth_ = 0;
};

}  // namespace mxsim
