#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "models/core/event.h"

namespace mxsim {

/// The parts of the chip that count events; each is priced by itself.
enum class Unit : std::uint8_t {
  kArray,
  kSramInput,
  kSramWeight,
  kSramAccumulator,
  kSramGradient,
  kSramStream,
  kDmaRead,
  kDmaWrite,
  kDram,
  kVector,
  kRequant,
  kCount
};

inline constexpr std::size_t kUnitCount = static_cast<std::size_t>(Unit::kCount);

/// Key in reports: "array", "sram.input", "sram.weight", "sram.accumulator",
/// "sram.gradient", "sram.stream", "dma.read", "dma.write", "dram", "vector", "requant".
std::string_view to_string(Unit unit);

/// Counters of every unit.
class UnitCounts {
 public:
  const EventCounts& operator[](Unit unit) const { return counts_[index(unit)]; }
  EventCounts& operator[](Unit unit) { return counts_[index(unit)]; }
  UnitCounts& operator+=(const UnitCounts& other);
  UnitCounts since(const UnitCounts& earlier) const;
  /// Sum of one event over all units.
  std::uint64_t total(Event event) const;
  bool operator==(const UnitCounts&) const = default;

 private:
  static std::size_t index(Unit unit) { return static_cast<std::size_t>(unit); }
  std::array<EventCounts, kUnitCount> counts_{};
};

}  // namespace mxsim
