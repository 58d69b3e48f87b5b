#include "sim/report/assumption_text.h"

#include <fmt/format.h>

#include "sim/report/csv_field.h"
#include "sim/report/wrapped_lines.h"

namespace mxsim {
namespace {

/// Changes of a saving that a table leaves out.
constexpr double kNegligible = 0.002;

std::string percent(double share) { return fmt::format("{:.1f}", 100 * share); }

std::string band(const Band& saving) {
  return percent(saving.value) + " [" + percent(saving.low) + ", " + percent(saving.high) + "]";
}

std::vector<std::size_t> compared(const CompareReport& report) {
  std::vector<std::size_t> places;
  for (std::size_t i = 0; i < report.runs.size(); ++i) {
    if (i != report.baseline) places.push_back(i);
  }
  return places;
}

/// Saving and change in two columns a format, or why there is none.
std::vector<std::string> cells_of(const CompareReport& report, const AssumptionEffect& effect) {
  std::vector<std::string> cells{effect.name, effect.setting};
  for (const std::size_t run : compared(report)) {
    if (effect.savings.empty()) {
      cells.insert(cells.end(), {"-", "-"});
      continue;
    }
    const double change = effect.savings[run].value - report.runs[run].saving.energy.value;
    cells.push_back(band(effect.savings[run]));
    cells.push_back(fmt::format("{:+.1f}", 100 * change));
  }
  return cells;
}

}  // namespace

std::string assumption_table_text(const CompareReport& report, const TextStyle& style) {
  std::vector<TextTable::Column> columns{{"assumption", Align::kLeft},
                                         {"changed alone to", Align::kLeft}};
  std::vector<std::string> as_given{"(all as given)", ""};
  for (const std::size_t run : compared(report)) {
    columns.push_back({report.runs[run].label + " saves, %", Align::kRight});
    columns.push_back({report.runs[run].label + " change", Align::kRight});
    as_given.insert(as_given.end(), {band(report.runs[run].saving.energy), ""});
  }
  TextTable table(columns);
  table.add_row(as_given, Emphasis::kTotal);
  std::string refused;
  std::size_t negligible = 0;
  for (const AssumptionEffect& effect : report.assumptions) {
    if (!effect.refused.empty()) {
      refused += wrapped(fmt::format("{}, {}: {}", effect.name, effect.setting, effect.refused),
                         style.width, 2) +
                 "\n";
    } else if (effect.effect < kNegligible) {
      ++negligible;
    } else {
      table.add_row(cells_of(report, effect));
    }
  }
  std::string text = table.text_in_parts(style.width, 2, style.colour) + refused;
  if (negligible > 0) {
    text += wrapped_lines(
        fmt::format("({} more change no saving by {:.2f} points; --out and --json have them all)",
                    negligible, 100 * kNegligible),
        style.width, 1);
  }
  return text;
}

std::string assumptions_csv(const CompareReport& report) {
  std::string csv = "assumption,setting,label,saving,saving_low,saving_high,change,refused\n";
  for (const AssumptionEffect& effect : report.assumptions) {
    const std::string name = csv_field(effect.name) + "," + csv_field(effect.setting);
    if (!effect.refused.empty()) csv += name + ",,,,,," + csv_field(effect.refused) + "\n";
    for (std::size_t i = 0; i < effect.savings.size(); ++i) {
      if (i == report.baseline) continue;
      const Band& saving = effect.savings[i];
      csv +=
          fmt::format("{},{},{},{},{},{},\n", name, csv_field(report.runs[i].label), saving.value,
                      saving.low, saving.high, saving.value - report.runs[i].saving.energy.value);
    }
  }
  return csv;
}

}  // namespace mxsim
