#include "sim/report/skip_text.h"

#include <fmt/format.h>

#include <algorithm>

#include "sim/config/choices.h"
#include "sim/config/skip_config.h"
#include "sim/report/text_table.h"

namespace mxsim {
namespace {

using Json = nlohmann::ordered_json;

const char* place_text(HeldIn place) { return place == HeldIn::kBuffer ? "buffer" : "DRAM"; }

double kilobytes(Bytes bytes) { return static_cast<double>(bytes.count()) * 1e-3; }

double megabytes(Bytes bytes) { return static_cast<double>(bytes.count()) * 1e-6; }

std::vector<HeldTensor> longest_held(const SkipReport& report) {
  constexpr std::size_t kShown = 8;
  std::vector<HeldTensor> held = report.held;
  std::stable_sort(held.begin(), held.end(),
                   [](const HeldTensor& a, const HeldTensor& b) { return a.cycles > b.cycles; });
  if (held.size() > kShown) held.resize(kShown);
  return held;
}

std::string held_table(const SkipReport& report, std::size_t width) {
  TextTable table({{"held tensor", Align::kLeft},
                   {"until", Align::kLeft},
                   {"kB", Align::kRight},
                   {"in", Align::kLeft},
                   {"groups", Align::kRight},
                   {"cycles", Align::kRight}});
  for (const HeldTensor& each : longest_held(report)) {
    table.add_row({each.tensor, each.add, fmt::format("{:.1f}", kilobytes(each.bytes)),
                   place_text(each.place), fmt::format("{}", each.groups),
                   fmt::format("{}", each.cycles.count())});
  }
  return table.text(Colour::kOff, width);
}

}  // namespace

Json to_json(const SkipReport& report, double time_s) {
  Json json{{"policy", choice_name(report.policy, kSkipPolicyNames)},
            {"additions", report.additions},
            {"changed", Json::array()},
            {"left", Json::array()},
            {"peak_bytes", report.peak.count()},
            {"peak_buffer_bytes", report.peak_in_buffer.count()},
            {"peak_dram_bytes", report.peak_in_dram.count()},
            {"dram_read_bytes", report.dram_read.count()},
            {"dram_write_bytes", report.dram_written.count()},
            {"dram_bytes_per_s",
             time_s > 0 ? static_cast<double>(report.dram_bytes().count()) / time_s : 0},
            {"longest_cycles", report.longest.count()},
            {"tensors", Json::array()}};
  for (const SkipOutcome& each : report.outcomes) {
    if (each.changed) {
      json["changed"].push_back(each.add);
    } else {
      json["left"].push_back({{"add", each.add}, {"reason", each.reason}});
    }
  }
  for (const HeldTensor& each : report.held) {
    json["tensors"].push_back({{"tensor", each.tensor},
                               {"add", each.add},
                               {"bytes", each.bytes.count()},
                               {"in", place_text(each.place)},
                               {"groups", each.groups},
                               {"cycles", each.cycles.count()},
                               {"dram_read_bytes", each.dram_read.count()},
                               {"dram_write_bytes", each.dram_written.count()}});
  }
  return json;
}

std::string skip_text(const RunReport& report, const std::optional<SkipReport>& found,
                      std::size_t width) {
  if (!found) return "skips        none: the network has no residual addition\n";
  const SkipReport& skips = *found;
  const double moved = megabytes(report.dram_read + report.dram_written);
  constexpr std::size_t kIndent = 13;
  std::string text = wrapped(
      fmt::format("skips        {} residual additions hold at most {:.1f} kB at a time ({:.1f} kB "
                  "in buffers, {:.1f} kB in DRAM), longest {} cycles; {:.3f} of {:.3f} MB of DRAM "
                  "traffic, {:.3f} GB/s",
                  skips.additions, kilobytes(skips.peak), kilobytes(skips.peak_in_buffer),
                  kilobytes(skips.peak_in_dram), skips.longest.count(),
                  megabytes(skips.dram_bytes()), moved,
                  megabytes(skips.dram_bytes()) * 1e-3 / report.time_s),
      width, kIndent);
  text += "\n";
  for (const std::string& line : skip_assumptions(skips.policy, skips.outcomes)) {
    text += wrapped("- " + line, width, 2) + "\n";
  }
  if (!skips.held.empty()) text += held_table(skips, width);
  return text;
}

std::string skip_table(const CompareReport& report,
                       const std::vector<std::optional<SkipReport>>& found, std::size_t width) {
  TextTable table({{"label", Align::kLeft},
                   {"skips", Align::kRight},
                   {"held kB", Align::kRight},
                   {"in buffers", Align::kRight},
                   {"longest cycles", Align::kRight},
                   {"skip DRAM MB", Align::kRight},
                   {"DRAM MB", Align::kRight},
                   {"GB/s", Align::kRight},
                   {"ms", Align::kRight}});
  for (std::size_t i = 0; i < report.runs.size(); ++i) {
    const RunReport& each = report.runs[i].report;
    const SkipReport skips = found.at(i).value_or(SkipReport{});
    const double moved = megabytes(each.dram_read + each.dram_written);
    table.add_row({report.runs[i].label, fmt::format("{}", skips.additions),
                   fmt::format("{:.1f}", kilobytes(skips.peak)),
                   fmt::format("{:.1f}", kilobytes(skips.peak_in_buffer)),
                   fmt::format("{}", skips.longest.count()),
                   fmt::format("{:.3f}", megabytes(skips.dram_bytes())),
                   fmt::format("{:.3f}", moved), fmt::format("{:.3f}", moved * 1e-3 / each.time_s),
                   fmt::format("{:.4f}", each.time_s * 1e3)});
  }
  return "\nresidual additions\n" + table.text(Colour::kOff, width);
}

}  // namespace mxsim
