#pragma once

#include <string>
#include <vector>

#include "models/core/error.h"
#include "tests/support/fuzz_targets.h"

namespace mxsim {

/// Runs `action` and swallows a refusal.
template <class Action>
void refusing(Action action) {
  try {
    action();
  } catch (const InputError&) {
  }
}

/// The files of a folder of the repository, small ones alone, by the end of their names.
std::vector<std::string> files_of(const std::string& folder, const std::string& extension);

std::vector<FuzzTarget> config_targets();  ///< this program's own kinds of file
std::vector<FuzzTarget> file_targets();    ///< those of others
std::vector<FuzzTarget> text_targets();    ///< options and parts of files

}  // namespace mxsim
