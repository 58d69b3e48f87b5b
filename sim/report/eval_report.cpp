#include "sim/report/eval_report.h"

#include <fmt/format.h>

#include "sim/report/text_table.h"
#include "sim/report/version.h"
#include "sim/report/wrapped_lines.h"

namespace mxsim {

namespace {

nlohmann::ordered_json json_of(const EvalReport& result) {
  return {{"workload", result.batch.identity.workload},
          {"format", result.format},
          {"accuracy", result.accuracy.mean},
          {"accuracy_low", result.accuracy.low},
          {"accuracy_high", result.accuracy.high},
          {"accuracies", result.accuracies},
          {"samples", result.samples},
          {"cycles", static_cast<double>(result.batch.result.cycles.count()) / result.images},
          {"time_s", result.batch.time_s / result.images},
          {"energy_pj", result.batch.energy_pj.value / result.images},
          {"energy_low_pj", result.batch.energy_pj.low / result.images},
          {"energy_high_pj", result.batch.energy_pj.high / result.images},
          {"config_hash", result.batch.identity.config_hash},
          {"version", version()}};
}

}  // namespace

nlohmann::ordered_json to_json(const std::vector<EvalReport>& results) {
  if (results.size() == 1) return json_of(results.front());
  nlohmann::ordered_json json = nlohmann::ordered_json::array();
  for (const EvalReport& result : results) json.push_back(json_of(result));
  return json;
}

std::string eval_text(const EvalReport& result, std::size_t width) {
  constexpr double kPercent = 100;
  const std::string text = fmt::format(
      "{} in {}: {:.2f} % of {} test samples right (95 % interval {:.2f} .. {:.2f})\n"
      "an image on the chip: {:.4g} us, {:.4g} uJ\n",
      result.batch.identity.workload, result.format, result.accuracy.mean * kPercent,
      result.samples, result.accuracy.low * kPercent, result.accuracy.high * kPercent,
      result.batch.time_s / result.images * 1e6,
      result.batch.energy_pj.value / result.images / 1e6);
  return wrapped_lines(text, width, 2);
}

}  // namespace mxsim
