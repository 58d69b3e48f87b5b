#include "sim/report/sizes_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "sim/report/text_table.h"

namespace mxsim {
namespace {

std::string kibibytes(Bytes bytes) {
  return fmt::format("{:g}", static_cast<double>(bytes.count()) / 1024);
}

std::string over_best(double value, double best) {
  return value == HUGE_VAL ? "does not fit" : fmt::format("{:+.1f}", 100 * (value / best - 1));
}

/// The best of the others; the best itself where nothing else was tried.
const ValuedSizes& runner_up(const SizeSearch& search) {
  std::size_t second = search.best == 0 ? search.tried.size() - 1 : 0;
  for (std::size_t i = 0; i < search.tried.size(); ++i) {
    if (i != search.best && search.tried[i].value < search.tried[second].value) second = i;
  }
  return search.tried[second];
}

}  // namespace

std::string sizes_text(const CompareReport& report, const TextStyle& style) {
  if (!report.baseline_run().sizes) return "";
  std::vector<TextTable::Column> columns{
      {"format", Align::kLeft}, {"", Align::kLeft}, {"array, PEs", Align::kRight}};
  for (const auto& [name, bytes] : report.baseline_run().sizes->tried.front().sizes.buffers) {
    columns.push_back({name + ", KiB", Align::kRight});
  }
  columns.push_back({"energy-delay, %", Align::kRight});
  columns.push_back({"tried", Align::kRight});
  TextTable table(columns);
  for (const ComparedRun& run : report.runs) {
    const SizeSearch& search = *run.sizes;
    const ValuedSizes& best = search.tried[search.best];
    const auto add = [&](const std::string& label, const char* which, const ValuedSizes& each) {
      std::vector<std::string> cells{label, which,
                                     fmt::format("{}x{}", each.sizes.rows, each.sizes.cols)};
      for (const auto& [name, bytes] : each.sizes.buffers) cells.push_back(kibibytes(bytes));
      cells.push_back(over_best(each.value, best.value));
      cells.push_back(&each == &best ? fmt::format("{}", search.tried.size()) : "");
      table.add_row(std::move(cells));
    };
    add(run.label, "chosen", best);
    add("", "most PEs", search.tried[search.start]);
    add("", "next best", runner_up(search));
  }
  const std::string heading = fmt::format(
      "Sizes with the least energy-delay product in {:.2f} mm2, the silicon of {} on "
      "the given chip",
      report.baseline_run().sizes->area_mm2, report.baseline_run().label);
  return "\n" + emphasized(wrapped(heading, style.width, 2), Emphasis::kHeading, style.colour) +
         "\n" + table.text_in_parts(style.width, 2, style.colour);
}

nlohmann::ordered_json sizes_json(const SizeSearch& search) {
  nlohmann::ordered_json tried = nlohmann::ordered_json::array();
  for (const ValuedSizes& each : search.tried) {
    nlohmann::ordered_json buffers;
    for (const auto& [name, bytes] : each.sizes.buffers) buffers[name] = bytes.count();
    nlohmann::ordered_json value;
    if (each.value != HUGE_VAL) value = each.value;
    tried.push_back({{"rows", each.sizes.rows},
                     {"columns", each.sizes.cols},
                     {"buffer_bytes", std::move(buffers)},
                     {"energy_delay_product_js", std::move(value)}});
  }
  return {{"silicon_mm2", search.area_mm2},
          {"best", search.best},
          {"largest_array", search.start},
          {"tried", std::move(tried)}};
}

}  // namespace mxsim
