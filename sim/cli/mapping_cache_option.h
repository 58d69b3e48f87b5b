#pragma once

#include <ostream>
#include <string>

#include "sim/mappings/mapping_cache.h"

namespace CLI {
class App;
}

namespace mxsim {

/// The option --mapping-cache.
void add_mapping_cache_option(CLI::App& app, std::string& folder);

/// While it exists, mappings that were found are not searched again: in this process and copies of
/// it, and with a folder in all that use it. Damaged files are told on `err`.
class RememberMappings {
 public:
  RememberMappings(const std::string& folder, std::ostream& err);

 private:
  MappingCache cache_;
  UseMappingStore use_;
};

}  // namespace mxsim
