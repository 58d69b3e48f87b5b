#pragma once

#include <string>
#include <vector>

#include "sim/import/lowering/imported_network.h"

namespace CLI {
class App;
}

namespace mxsim {

/// --dim and --shape.
void add_import_options(CLI::App& app, std::vector<std::string>& dims,
                        std::vector<std::string>& shapes);

/// "batch=1,seq=128" and "input=1x3x224x224"; throws InputError. `least_size` of
/// --dim: dimensions of a trace may be 0.
ImportOptions parse_import_options(const std::vector<std::string>& dims,
                                   const std::vector<std::string>& shapes,
                                   std::int64_t least_size = 1);

}  // namespace mxsim
