#include "sim/report/run_document.h"

#include "sim/report/fpga_report.h"
#include "sim/report/run_json.h"
#include "sim/report/skip_text.h"
#include "sim/run/fpga_run.h"

namespace mxsim {

nlohmann::ordered_json run_document(const RunReport& report, const RunConfig& config) {
  nlohmann::ordered_json json = to_json(report);
  if (const auto skips = skip_report(config, report.result)) {
    json["skips"] = to_json(*skips, report.time_s);
  }
  if (const auto fpga = fpga_cost(config)) json["fpga"] = to_json(*fpga);
  return json;
}

}  // namespace mxsim
