#pragma once

#include <map>
#include <string>
#include <vector>

#include "models/formats/format_spec.h"
#include "sim/config/document.h"

namespace mxsim {

/// The formats that a run file with these changes defines, for names that stand outside of it. Only
/// a run that has some is read as a whole. Throws InputError with every fault of that run.
std::map<std::string, FormatSpec> formats_defined_by(const std::string& run_file,
                                                     const std::vector<Override>& changes = {});

}  // namespace mxsim
