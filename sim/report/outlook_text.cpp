#include "sim/report/outlook_text.h"

#include <fmt/format.h>

#include "sim/report/memory_text.h"
#include "sim/report/run_json.h"
#include "sim/report/text_table.h"

namespace mxsim {
namespace {

double total_seconds(const LabelledOutlooks& outlooks) {
  double seconds = 0;
  for (const auto& [label, outlook] : outlooks) seconds += outlook.seconds;
  return seconds;
}

}  // namespace

std::string time_text(double seconds) {
  constexpr double kMinute = 60;
  constexpr double kHour = 60 * kMinute;
  if (seconds < 1) return fmt::format("{:.2f} s", seconds);
  if (seconds < 2 * kMinute) return fmt::format("{:.0f} s", seconds);
  if (seconds < 2 * kHour) return fmt::format("{:.0f} min", seconds / kMinute);
  return fmt::format("{:.1f} h", seconds / kHour);
}

std::string outlook_text(const RunOutlook& outlook, std::size_t width) {
  constexpr std::size_t kIndent = 4;
  const Placement& placement = outlook.placement;
  return wrapped("  needs " + memory_line(placement.memory, placement.choice), width, kIndent) +
         "\n" +
         wrapped(fmt::format("  takes about {} on one core (estimate, to a factor of two)",
                             time_text(outlook.seconds)),
                 width, kIndent) +
         "\n";
}

nlohmann::ordered_json to_json(const RunOutlook& outlook) {
  return {{"memory", memory_json(outlook.placement.memory, outlook.placement.choice)},
          {"estimate",
           {{"seconds", outlook.seconds},
            {"bursts", outlook.terms.bursts},
            {"groups", outlook.terms.groups},
            {"search_steps", outlook.terms.search_steps},
            {"pe_steps", outlook.terms.pe_steps}}}};
}

std::string outlook_table(const LabelledOutlooks& outlooks, std::size_t jobs, std::size_t width) {
  constexpr double kMegabyte = 1e6;
  TextTable table({{"run"},
                   {"DRAM MB", Align::kRight},
                   {"of MB", Align::kRight},
                   {"estimate, s", Align::kRight}});
  for (const auto& [label, outlook] : outlooks) {
    const MemoryUse& memory = outlook.placement.memory;
    table.add_row(
        {label, fmt::format("{:.2f}", static_cast<double>(memory.dram_used.count()) / kMegabyte),
         fmt::format("{:.2f}", static_cast<double>(memory.dram_capacity.count()) / kMegabyte),
         fmt::format("{:.3g}", outlook.seconds)});
  }
  const double seconds = total_seconds(outlooks);
  return table.text(Colour::kOff, width) +
         wrapped(
             fmt::format("{} runs, about {} on one core, {} with {} jobs (estimate, to a factor "
                         "of two)",
                         outlooks.size(), time_text(seconds),
                         time_text(seconds / static_cast<double>(jobs)), jobs),
             width, 0) +
         "\n";
}

nlohmann::ordered_json to_json(const LabelledOutlooks& outlooks, std::size_t jobs) {
  nlohmann::ordered_json runs = nlohmann::ordered_json::array();
  for (const auto& [label, outlook] : outlooks) {
    nlohmann::ordered_json run{{"label", label}};
    run.update(to_json(outlook));
    runs.push_back(std::move(run));
  }
  return {{"estimate_s", total_seconds(outlooks)}, {"jobs", jobs}, {"runs", runs}};
}

}  // namespace mxsim
