#include "sim/report/gemm_report.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <tuple>

#include "sim/config/choices.h"
#include "sim/report/text_table.h"

namespace mxsim {
namespace {

using nlohmann::ordered_json;

std::string array_text(const GemmResult& result) {
  return fmt::format("{}x{}", result.request.array.rows, result.request.array.cols);
}

std::string_view dataflow_text(const GemmResult& result) {
  return choice_name(result.request.dataflow, kDataflowNames);
}

ordered_json events_json(const EventCounts& counts) {
  ordered_json events = ordered_json::object();
  for (std::size_t i = 0; i < kEventCount; ++i) {
    const auto event = static_cast<Event>(i);
    if (counts[event] > 0) events[std::string(info(event).name)] = counts[event];
  }
  return events;
}

ordered_json to_json(const GemmResult& result) {
  const GemmRequest& request = result.request;
  const EventCounts& counts = result.cost.counts;
  ordered_json json;
  json["m"] = request.m;
  json["n"] = request.n;
  json["k"] = request.k;
  json["array"] = array_text(result);
  json["dataflow"] = dataflow_text(result);
  json["format"] = request.layout.format.name;
  json["timing"] = choice_name(request.array.timing, kArrayTimingNames);
  json["fidelity"] = choice_name(request.fidelity, kFidelityNames);
  json["cycles"] = result.cost.cycles.count();
  json["macs"] = counts[Event::kMac] + counts[Event::kMacGated];
  json["utilization"] = result.utilization;
  json["folds"] = result.folds;
  json["mapping_efficiency"] = result.mapping_efficiency;
  json["sram_reads"] = {{"a", counts[Event::kOperandAReads]}, {"b", counts[Event::kOperandBReads]}};
  json["sram_writes"] = counts[Event::kPartialSumWrites];
  if (result.scalesim_output_writes) {
    json["scalesim_output_writes"] = *result.scalesim_output_writes;
  }
  json["events"] = events_json(counts);
  json["output_hash"] = result.output_hash ? ordered_json(*result.output_hash) : ordered_json();
  if (result.equals_reference) json["check"] = *result.equals_reference ? "equal" : "different";
  return json;
}

std::size_t best_of(const std::vector<GemmResult>& results) {
  const auto rank = [](const GemmResult& result) {
    const ArraySpec& array = result.request.array;
    return std::tuple(result.cost.cycles, array.rows * array.cols);
  };
  const auto best =
      std::min_element(results.begin(), results.end(),
                       [&](const auto& a, const auto& b) { return rank(a) < rank(b); });
  return static_cast<std::size_t>(best - results.begin());
}

std::string check_text(const GemmResult& result) {
  if (!result.equals_reference) return "";
  return *result.equals_reference ? "equal" : "different";
}

}  // namespace

std::string gemm_json(const GemmResult& result) { return to_json(result).dump(2) + "\n"; }

std::string gemm_text(const GemmResult& result) {
  const GemmRequest& request = result.request;
  const EventCounts& counts = result.cost.counts;
  TextTable table({{fmt::format("GEMM {} x {} x {}", request.m, request.n, request.k)},
                   {fmt::format("{} {} {}", array_text(result), dataflow_text(result),
                                request.layout.format.name),
                    Align::kRight},
                   {"unit"}});
  table.add_row({"cycles", std::to_string(result.cost.cycles.count()), "cycle"});
  table.add_row({"utilization", fmt::format("{:.2f}", 100 * result.utilization), "%"});
  table.add_row({"folds", std::to_string(result.folds), "fold"});
  table.add_row(
      {"mapping efficiency", fmt::format("{:.2f}", 100 * result.mapping_efficiency), "%"});
  for (std::size_t i = 0; i < kEventCount; ++i) {
    const auto event = static_cast<Event>(i);
    if (counts[event] == 0) continue;
    const EventInfo& row = info(event);
    table.add_row({std::string(row.name), std::to_string(counts[event]), std::string(row.unit)});
  }
  table.add_row({"output hash", result.output_hash.value_or("not computed"), ""});
  if (result.equals_reference) table.add_row({"check", check_text(result), ""});
  return table.text();
}

std::string gemm_sweep_json(const std::vector<GemmResult>& results) {
  ordered_json runs = ordered_json::array();
  for (const GemmResult& result : results) runs.push_back(to_json(result));
  return ordered_json{{"runs", runs}, {"best", best_of(results)}}.dump(2) + "\n";
}

std::string gemm_sweep_text(const std::vector<GemmResult>& results) {
  TextTable table({{"array"},
                   {"dataflow"},
                   {"cycles", Align::kRight},
                   {"utilization %", Align::kRight},
                   {"folds", Align::kRight},
                   {"A reads", Align::kRight},
                   {"B reads", Align::kRight},
                   {"C writes", Align::kRight},
                   {"check"}});
  for (const GemmResult& result : results) {
    const EventCounts& counts = result.cost.counts;
    table.add_row({array_text(result), std::string(dataflow_text(result)),
                   std::to_string(result.cost.cycles.count()),
                   fmt::format("{:.2f}", 100 * result.utilization), std::to_string(result.folds),
                   std::to_string(counts[Event::kOperandAReads]),
                   std::to_string(counts[Event::kOperandBReads]),
                   std::to_string(counts[Event::kPartialSumWrites]), check_text(result)});
  }
  const GemmResult& best = results[best_of(results)];
  return table.text() + fmt::format("fewest cycles: {} {}, {} cycles\n", array_text(best),
                                    dataflow_text(best), best.cost.cycles.count());
}

}  // namespace mxsim
