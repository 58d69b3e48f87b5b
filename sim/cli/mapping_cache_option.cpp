#include "sim/cli/mapping_cache_option.h"

#include <CLI/CLI.hpp>

#include "sim/cli/printable.h"
#include "sim/mappings/build_id.h"

namespace mxsim {

void add_mapping_cache_option(CLI::App& app, std::string& folder) {
  app.add_option("--mapping-cache", folder,
                 "folder (made if needed) that keeps the mappings that searches find, for all runs "
                 "of this build; the results are the same");
}

RememberMappings::RememberMappings(const std::string& folder, std::ostream& err)
    : cache_(folder, folder.empty() ? "" : build_id(),
             [&err](const std::string& text) {
               err << printable("mapping cache: " + text) << std::endl;
             }),
      use_(cache_) {}

}  // namespace mxsim
