#include "sim/report/gemm_report.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <tuple>

#include "models/arithmetic/exact_sums.h"
#include "sim/config/choices.h"
#include "sim/report/text_table.h"

namespace mxsim {
namespace {

using nlohmann::ordered_json;

std::string array_text(const GemmResult& result) {
  const ArraySpec& array = result.request.array;
  const std::string one = fmt::format("{}x{}", array.rows, array.cols);
  if (array.grid.arrays() == 1) return one;
  return fmt::format("{}x{} of {}", array.grid.rows, array.grid.cols, one);
}

std::string format_text(const GemmResult& result) {
  const std::string& a = result.request.a_layout.format.name;
  const std::string& b = result.request.b_layout.format.name;
  return a == b ? a : a + " x " + b;
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

/// What the arrays alone spend energy on.
constexpr std::array kGemmComponents{Component::kPe, Component::kSram, Component::kStatic};

ordered_json energy_json(const GemmResult& result) {
  ordered_json json;
  for (const Component component : kGemmComponents) {
    json[std::string(to_string(component))] = result.energy->component_pj(component);
  }
  json["total"] = result.energy_pj->value;
  json["low"] = result.energy_pj->low;
  json["high"] = result.energy_pj->high;
  return json;
}

ordered_json to_json(const GemmResult& result) {
  const GemmRequest& request = result.request;
  const EventCounts& counts = result.cost.counts;
  ordered_json json;
  json["m"] = request.m;
  json["n"] = request.n;
  json["k"] = request.k;
  json["array"] = fmt::format("{}x{}", request.array.rows, request.array.cols);
  json["grid"] = fmt::format("{}x{}", request.array.grid.rows, request.array.grid.cols);
  json["dataflow"] = dataflow_text(result);
  json["format"] = request.a_layout.format.name;
  json["b_format"] = request.b_layout.format.name;
  const SumFormat sum = sum_of(request.array, request.a_layout.format, request.b_layout.format);
  json["accumulator"] = choice_name(sum.accumulator, kAccumulatorNames);
  json["accumulator_bits"] = sum.bits;
  json["dot_product_width"] = result.width;
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
  const ArrayTraffic& traffic = result.cost.traffic;
  json["sram_words"] = {{"a_read", traffic.a_read_words},
                        {"b_read", traffic.b_read_words},
                        {"c_read", traffic.c_read_words},
                        {"c_write", traffic.c_write_words}};
  json["events"] = events_json(counts);
  if (result.energy) json["energy_pj"] = energy_json(result);
  json["output_hash"] = result.output_hash ? ordered_json(*result.output_hash) : ordered_json();
  if (result.equals_reference) json["check"] = *result.equals_reference ? "equal" : "different";
  return json;
}

std::size_t best_of(const std::vector<GemmResult>& results) {
  const auto rank = [](const GemmResult& result) {
    const ArraySpec& array = result.request.array;
    return std::tuple(result.cost.cycles, array.pes());
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

void add_words(TextTable& table, const ArrayTraffic& traffic) {
  const auto add = [&](const char* name, std::int64_t words) {
    table.add_row({name, std::to_string(words), "word"});
  };
  add("sram words read, A", traffic.a_read_words);
  add("sram words read, B", traffic.b_read_words);
  add("sram words read, C", traffic.c_read_words);
  add("sram words written, C", traffic.c_write_words);
}

std::string nanojoules(double pj) { return fmt::format("{:.2f}", pj * 1e-3); }

void add_energy(TextTable& table, const GemmResult& result) {
  for (const Component component : kGemmComponents) {
    table.add_row({"energy " + std::string(to_string(component)),
                   nanojoules(result.energy->component_pj(component)), "nJ"});
  }
  table.add_row({"energy total", nanojoules(result.energy_pj->value), "nJ"});
  table.add_row({"  5 .. 95 %",
                 nanojoules(result.energy_pj->low) + " .. " + nanojoules(result.energy_pj->high),
                 "nJ"});
}

std::string best_text(const std::vector<GemmResult>& results) {
  const GemmResult& best = results[best_of(results)];
  std::string text = fmt::format("fewest cycles: {} {}, {} cycles\n", array_text(best),
                                 dataflow_text(best), best.cost.cycles.count());
  const auto least = std::min_element(results.begin(), results.end(), [](auto& a, auto& b) {
    return a.energy_pj.value_or(Band{}).value < b.energy_pj.value_or(Band{}).value;
  });
  if (!least->energy_pj) return text;
  return text + fmt::format("least energy: {} {}, {} nJ\n", array_text(*least),
                            dataflow_text(*least), nanojoules(least->energy_pj->value));
}

}  // namespace

std::string gemm_json(const GemmResult& result) { return to_json(result).dump(2) + "\n"; }

std::string gemm_text(const GemmResult& result, std::size_t width) {
  const GemmRequest& request = result.request;
  const EventCounts& counts = result.cost.counts;
  TextTable table(
      {{fmt::format("GEMM {} x {} x {}", request.m, request.n, request.k)},
       {fmt::format("{} {} {}", array_text(result), dataflow_text(result), format_text(result)),
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
  add_words(table, result.cost.traffic);
  if (result.energy) add_energy(table, result);
  table.add_row({"output hash", result.output_hash.value_or("not computed"), ""});
  if (result.equals_reference) table.add_row({"check", check_text(result), ""});
  return table.text(Colour::kOff, width);
}

std::string gemm_sweep_json(const std::vector<GemmResult>& results) {
  ordered_json runs = ordered_json::array();
  for (const GemmResult& result : results) runs.push_back(to_json(result));
  return ordered_json{{"runs", runs}, {"best", best_of(results)}}.dump(2) + "\n";
}

std::string gemm_sweep_text(const std::vector<GemmResult>& results, std::size_t width) {
  TextTable table({{"array"},
                   {"dataflow"},
                   {"cycles", Align::kRight},
                   {"utilization %", Align::kRight},
                   {"folds", Align::kRight},
                   {"A reads", Align::kRight},
                   {"B reads", Align::kRight},
                   {"C writes", Align::kRight},
                   {"energy nJ", Align::kRight},
                   {"check"}});
  for (const GemmResult& result : results) {
    const EventCounts& counts = result.cost.counts;
    table.add_row({array_text(result), std::string(dataflow_text(result)),
                   std::to_string(result.cost.cycles.count()),
                   fmt::format("{:.2f}", 100 * result.utilization), std::to_string(result.folds),
                   std::to_string(counts[Event::kOperandAReads]),
                   std::to_string(counts[Event::kOperandBReads]),
                   std::to_string(counts[Event::kPartialSumWrites]),
                   result.energy_pj ? nanojoules(result.energy_pj->value) : "",
                   check_text(result)});
  }
  return table.text_in_parts(width, 2) + best_text(results);
}

}  // namespace mxsim
