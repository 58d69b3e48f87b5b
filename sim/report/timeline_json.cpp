#include "sim/report/timeline_json.h"

#include <nlohmann/json.hpp>

namespace mxsim {

std::string timeline_json(const Timeline& timeline, std::int64_t clock_hz) {
  using Json = nlohmann::ordered_json;
  const double cycle_us = 1e6 / static_cast<double>(clock_hz);
  Json events = Json::array();
  for (std::size_t i = 0; i < kUnitCount; ++i) {
    events.push_back({{"ph", "M"},
                      {"name", "thread_name"},
                      {"pid", 0},
                      {"tid", i},
                      {"args", {{"name", to_string(static_cast<Unit>(i))}}}});
  }
  for (const Timeline::Span& span : timeline.spans()) {
    const Cycles length = span.end - span.begin;
    const std::string& label = timeline.labels()[span.label];
    Json args{{"cycle", span.begin.count()}, {"cycles", length.count()}};
    if (span.stall) args["waits_for"] = std::string(to_string(*span.stall));
    if (!span.what.empty()) args["command"] = span.what;
    args["layer"] = label;
    events.push_back(
        {{"ph", "X"},
         {"name", span.stall ? "stall: " + std::string(to_string(*span.stall)) : label},
         {"cat", span.stall ? "stall" : "work"},
         {"pid", 0},
         {"tid", static_cast<int>(span.unit)},
         {"ts", static_cast<double>(span.begin.count()) * cycle_us},
         {"dur", static_cast<double>(length.count()) * cycle_us},
         {"args", std::move(args)}});
  }
  return Json{{"traceEvents", std::move(events)}, {"displayTimeUnit", "ns"}}.dump();
}

}  // namespace mxsim
