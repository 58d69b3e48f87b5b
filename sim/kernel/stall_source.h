#pragma once

#include <cstdint>

#include "models/core/unit.h"
#include "models/core/units.h"

namespace mxsim {

/// The connections between a chip's parts, and what moves along them.
enum class Channel : std::uint8_t {
  kCommand,      ///< sequencer to a unit: commands
  kCompletion,   ///< a unit to whoever waits: finished commands
  kDramRequest,  ///< DMA to DRAM: runs
  kDramData,     ///< DRAM to DMA: runs that have moved
  kBuffer,       ///< buffers to and from DMA, vector unit and re-quantizer: a command's data
  kArrayStep,    ///< buffers to and from the array: what enters and leaves it in a step
  kCount
};

inline constexpr std::size_t kChannelCount = static_cast<std::size_t>(Channel::kCount);

/// Holds up what moves along channels. A chip has none; a test that shows that no result rests on
/// timing brings one. A pure function, so that the order of calls cannot matter.
class StallSource {
 public:
  virtual ~StallSource() = default;
  /// Cycles that an item of `unit`'s channel waits. Items are numbered, with gaps.
  virtual Cycles stall(Channel channel, Unit unit, std::uint64_t item) const = 0;
};

/// None without a source.
inline Cycles stall_of(const StallSource* source, Channel channel, Unit unit, std::uint64_t item) {
  return source == nullptr ? Cycles(0) : source->stall(channel, unit, item);
}

}  // namespace mxsim
