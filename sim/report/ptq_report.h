#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "sim/train/ptq_job.h"

namespace mxsim {

nlohmann::ordered_json to_json(const PtqReport& report);
std::string ptq_text(const PtqReport& report, std::size_t width);

}  // namespace mxsim
