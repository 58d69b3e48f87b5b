#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "models/core/units.h"

namespace mxsim {

/// Why a unit that has commands does not work on them.
enum class StallCause : std::uint8_t {
  kDma,             ///< descriptors, or data crossing the DMA's own path
  kDram,            ///< data that DRAM has not delivered or taken yet
  kBankConflict,    ///< ports of an SRAM buffer
  kStationaryLoad,  ///< stationary operands on their way into the PEs, with nothing to stream
  kScaleUnit,       ///< finished sums that the array's scale-and-add units have not taken yet
  kArray,           ///< results that are still being computed
  kVector,
  kRequant,
  kAccumulator,  ///< no free slot for results
  kBuffer,       ///< no free slot for operands
  kDependency,   ///< bytes in DRAM that an earlier group has not stored or read yet
  kIssue,        ///< the next command, which the sequencer has not issued yet
  kCount
};

inline constexpr std::size_t kStallCauseCount = static_cast<std::size_t>(StallCause::kCount);

/// Key in reports: "dma", "dram", "bank_conflict", "stationary_load", "scale_unit", "array",
/// "vector", "requant",
/// "accumulator", "buffer", "dependency", "issue".
std::string_view to_string(StallCause cause);

/// Cycles by cause.
class StallCycles {
 public:
  Cycles operator[](StallCause cause) const { return cycles_[static_cast<std::size_t>(cause)]; }
  Cycles& operator[](StallCause cause) { return cycles_[static_cast<std::size_t>(cause)]; }
  Cycles total() const;
  /// The cause with the most cycles; the first of equal ones.
  StallCause largest() const;
  StallCycles& operator+=(const StallCycles& other);
  StallCycles since(const StallCycles& earlier) const;
  bool operator==(const StallCycles&) const = default;

 private:
  std::array<Cycles, kStallCauseCount> cycles_{};
};

}  // namespace mxsim
