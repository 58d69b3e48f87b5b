#include "sim/config/run_formats.h"

#include <nlohmann/json.hpp>

#include "sim/config/load.h"
#include "sim/config/run_config.h"

namespace mxsim {

std::map<std::string, FormatSpec> formats_defined_by(const std::string& run_file,
                                                     const std::vector<Override>& changes) {
  const Document document = Document::load(find_input_file(run_file));
  Document assembled = document;
  assembled.assemble({}, changes);
  const nlohmann::json::json_pointer define("/formats/define");
  if (!assembled.root().contains(define)) return {};
  return defined_formats(load_config<RunConfig>(document, changes).defined_formats);
}

}  // namespace mxsim
