#include "models/core/unit.h"

namespace mxsim {

std::string_view to_string(Unit unit) {
  constexpr std::array<std::string_view, kUnitCount> kNames{
      "array",    "sram.input", "sram.weight", "sram.accumulator", "sram.gradient", "sram.stream",
      "dma.read", "dma.write",  "dram",        "vector",           "requant"};
  static_assert(!kNames.back().empty(), "every unit has a name");
  return kNames[static_cast<std::size_t>(unit)];
}

UnitCounts& UnitCounts::operator+=(const UnitCounts& other) {
  for (std::size_t i = 0; i < kUnitCount; ++i) counts_[i] += other.counts_[i];
  return *this;
}

UnitCounts UnitCounts::since(const UnitCounts& earlier) const {
  UnitCounts difference;
  for (std::size_t i = 0; i < kUnitCount; ++i) {
    difference.counts_[i] = counts_[i].since(earlier.counts_[i]);
  }
  return difference;
}

std::uint64_t UnitCounts::total(Event event) const {
  std::uint64_t sum = 0;
  for (const EventCounts& counts : counts_) sum += counts[event];
  return sum;
}

}  // namespace mxsim
