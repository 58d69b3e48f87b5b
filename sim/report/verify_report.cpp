#include "sim/report/verify_report.h"

#include <fmt/format.h>

namespace mxsim {

nlohmann::ordered_json to_json(const std::vector<StoredResult>& results) {
  nlohmann::ordered_json json = nlohmann::ordered_json::array();
  for (const StoredResult& result : results) {
    nlohmann::ordered_json row{{"output", result.tensor},
                               {"good", result.good()},
                               {"elements", result.elements},
                               {"outside", result.outside},
                               {"largest_error", result.largest_error}};
    if (!result.fault.empty()) row["fault"] = result.fault;
    json.push_back(std::move(row));
  }
  return json;
}

std::string verify_text(const std::vector<StoredResult>& results) {
  std::string text;
  for (const StoredResult& result : results) {
    if (!result.fault.empty()) {
      text += fmt::format("{}: {}\n", result.tensor, result.fault);
      continue;
    }
    text += fmt::format("{}: {} of {} elements within the tolerance, largest error {:.3g}\n",
                        result.tensor, result.elements - result.outside, result.elements,
                        result.largest_error);
  }
  return text;
}

}  // namespace mxsim
