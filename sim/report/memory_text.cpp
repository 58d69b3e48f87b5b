#include "sim/report/memory_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>
#include <vector>

#include "sim/report/text_table.h"

namespace mxsim {
namespace {

std::string megabytes_text(Bytes bytes) {
  return fmt::format("{:.2f}", static_cast<double>(bytes.count()) * 1e-6);
}

std::string kilobytes_text(Bytes bytes) {
  return fmt::format("{:.1f}", static_cast<double>(bytes.count()) * 1e-3);
}

std::string words(MemoryClass memory_class) {
  std::string name(to_string(memory_class));
  std::replace(name.begin(), name.end(), '_', ' ');
  return name;
}

}  // namespace

std::string memory_line(const MemoryUse& memory, const NetworkChoice& choice) {
  const auto megabytes = [](Bytes bytes) { return static_cast<double>(bytes.count()) * 1e-6; };
  std::string line =
      fmt::format("DRAM {:.2f} of {:.2f} MB (all tensors: {:.2f})", megabytes(memory.dram_used),
                  megabytes(memory.dram_capacity), megabytes(memory.dram_sum));
  for (const auto& [unit, buffer] : memory.buffers) {
    line += fmt::format(", {} {} of {} bytes", to_string(unit), buffer.peak.count(),
                        buffer.capacity.count());
  }
  if (memory.kept.capacity > Bytes(0)) {
    line += fmt::format(", kept between layers {} of {} bytes ({} tensors{})",
                        memory.kept.peak.count(), memory.kept.capacity.count(), memory.kept_tensors,
                        choice.fusion == AttentionFusion::kOn ? ", attention in slices" : "");
  }
  return line;
}

std::string memory_table(const MemoryUse& memory, std::size_t width) {
  std::vector<TextTable::Column> columns{{"memory when fullest", Align::kLeft},
                                         {"DRAM MB", Align::kRight},
                                         {"most alone MB", Align::kRight, 3}};
  std::vector<ClassPeaks> on_chip;
  for (const auto& [unit, buffer] : memory.buffers) {
    columns.push_back({std::string(to_string(unit)) + " kB", Align::kRight, 1});
    on_chip.push_back(buffer.classes);
  }
  if (memory.kept.capacity > Bytes(0)) {
    columns.push_back({"kept kB", Align::kRight, 2});
    on_chip.push_back(memory.kept.classes);
  }
  TextTable table(std::move(columns));
  for (std::size_t i = 0; i < kMemoryClassCount; ++i) {
    std::vector<std::string> cells{words(static_cast<MemoryClass>(i)),
                                   megabytes_text(memory.dram_classes.at_peak[i]),
                                   megabytes_text(memory.dram_classes.alone[i])};
    for (const ClassPeaks& each : on_chip) cells.push_back(kilobytes_text(each.at_peak[i]));
    table.add_row(std::move(cells));
  }
  std::vector<std::string> total{"total", megabytes_text(memory.dram_peak_live), ""};
  for (const ClassPeaks& each : on_chip) total.push_back(kilobytes_text(sum(each.at_peak)));
  table.add_row(std::move(total), Emphasis::kTotal);
  return table.text(Colour::kOff, width);
}

}  // namespace mxsim
