#include "sim/report/verify_report.h"

#include <fmt/format.h>

#include <filesystem>
#include <utility>

#include "models/core/safe_text.h"
#include "sim/report/text_table.h"
#include "sim/report/version.h"
#include "sim/report/wrapped_lines.h"

namespace mxsim {

using Json = nlohmann::ordered_json;

Json to_json(const std::vector<StoredSet>& sets) {
  Json json = Json::array();
  for (const StoredSet& set : sets) {
    for (const StoredResult& result : set.outputs) {
      Json row{{"data", std::filesystem::path(set.folder).filename().string()},
               {"output", result.tensor},
               {"good", result.good()},
               {"elements", result.elements},
               {"outside", result.outside},
               {"largest_error", result.largest_error},
               {"largest", result.largest}};
      if (!result.fault.empty()) row["fault"] = result.fault;
      json.push_back(std::move(row));
    }
  }
  return json;
}

std::string verify_text(const std::vector<StoredSet>& sets, std::size_t width) {
  std::string text;
  for (const StoredSet& set : sets) {
    if (sets.size() > 1) text += escaped(set.folder) + "\n";
    for (const StoredResult& result : set.outputs) {
      if (!result.fault.empty()) {
        text += fmt::format("{}: {}\n", escaped(result.tensor), escaped(result.fault));
        continue;
      }
      text += fmt::format("{}: {} of {} elements within the tolerance, largest error {:.3g}\n",
                          escaped(result.tensor), result.elements - result.outside, result.elements,
                          result.largest_error);
    }
  }
  return wrapped_lines(text, width, 2);
}

Json to_json(const std::vector<StoredEvalReport>& results) {
  Json json = Json::array();
  for (const StoredEvalReport& result : results) {
    json.push_back(
        {{"workload", result.batch.identity.workload},
         {"format", result.format},
         {"outputs", to_json(result.sets)},
         {"cycles", static_cast<double>(result.batch.result.cycles.count()) / result.images},
         {"time_s", result.batch.time_s / result.images},
         {"energy_pj", result.batch.energy_pj.value / result.images},
         {"energy_low_pj", result.batch.energy_pj.low / result.images},
         {"energy_high_pj", result.batch.energy_pj.high / result.images},
         {"config_hash", result.batch.identity.config_hash},
         {"version", version()}});
  }
  return json.size() == 1 ? json.front() : json;
}

std::string stored_eval_text(const StoredEvalReport& result, std::size_t width) {
  std::string text;
  for (const StoredSet& set : result.sets) {
    for (const StoredResult& output : set.outputs) {
      text += fmt::format("{} in {}, {}: ", result.batch.identity.workload, result.format,
                          escaped(std::filesystem::path(set.folder).filename().string()));
      text += output.fault.empty()
                  ? fmt::format("{} differs by up to {:.3g} from stored numbers of up to {:.3g}\n",
                                escaped(output.tensor), output.largest_error, output.largest)
                  : fmt::format("{} {}\n", escaped(output.tensor), escaped(output.fault));
    }
  }
  text += fmt::format("an image on the chip: {:.4g} us, {:.4g} uJ\n",
                      result.batch.time_s / result.images * 1e6,
                      result.batch.energy_pj.value / result.images / 1e6);
  return wrapped_lines(text, width, 2);
}

}  // namespace mxsim
