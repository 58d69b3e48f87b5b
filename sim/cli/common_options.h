#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

namespace CLI {
class App;
}

namespace mxsim {

/// Options that every command has.
struct CommonOptions {
  bool json = false;
  bool quiet = false;
  std::size_t width = 0;  ///< 0: the terminal's
  std::string messages = "text";
};

void add_common_options(CLI::App& app, CommonOptions& options);

}  // namespace mxsim
