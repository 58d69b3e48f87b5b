#pragma once

#include <string>
#include <vector>

#include "models/core/error.h"

namespace mxsim {

/// The lines of the InputError that `action` throws; empty when it throws none.
template <class Action>
std::vector<std::string> fault_lines(Action action) {
  std::vector<std::string> lines;
  try {
    action();
  } catch (const InputError& error) {
    for (const Diagnostic& fault : error.diagnostics()) lines.push_back(fault.text());
  }
  return lines;
}

}  // namespace mxsim
