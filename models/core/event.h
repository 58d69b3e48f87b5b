#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace mxsim {

/// Everything the modules count. One row here plus one price in the technology table adds an event.
enum class Event : std::uint8_t {
  // PE array
  kMac,
  kMacGated,
  kBlockAccumulate,
  kPass,
  kPeActiveCycles,
  kPeIdleCycles,
  kStationaryLoads,
  kStationaryMoves,
  kOperandAReads,
  kOperandBReads,
  kPartialSumReads,
  kPartialSumWrites,
  kMulticastBytes,
  // SRAM buffers
  kSramReads,
  kSramWrites,
  kSramReadBytes,
  kSramWriteBytes,
  kTransposedBytes,
  // DRAM
  kDramActivates,
  kDramPrecharges,
  kDramReads,
  kDramWrites,
  kDramRefreshes,
  kDramBankRefreshes,
  kDramRowHits,
  kDramRowEmpty,
  kDramRowConflicts,
  kDramReadBytes,
  kDramWriteBytes,
  kDramOpenRankCycles,
  kDramClosedRankCycles,
  kDramOpenDownCycles,
  kDramClosedDownCycles,
  // DMA
  kDmaReadBytes,
  kDmaWriteBytes,
  // vector unit: one FP32 operation on one element
  kVectorAdd,
  kVectorMul,
  kVectorCompare,
  kVectorDivide,
  kVectorSqrt,
  kVectorExp,
  kVectorLog,
  // re-quantization unit: one element
  kRequantMax,
  kRequantEncode,
  kRequantDecode,
  kConvert,
  kRandomDraws,
  kHadamardAdds,
  kCount
};

inline constexpr std::size_t kEventCount = static_cast<std::size_t>(Event::kCount);

struct EventInfo {
  std::string_view name;         ///< key in reports and technology tables
  std::string_view unit;         ///< what one count is
  std::string_view description;  ///< when it is counted
};

const EventInfo& info(Event event);

/// Counters of one module. Exact integers; adding is the only way they change.
class EventCounts {
 public:
  std::uint64_t operator[](Event event) const { return counts_[index(event)]; }
  void add(Event event, std::uint64_t count) { counts_[index(event)] += count; }
  EventCounts& operator+=(const EventCounts& other);
  /// What was counted since `earlier`, an older snapshot of the same counters.
  EventCounts since(const EventCounts& earlier) const;
  bool operator==(const EventCounts&) const = default;

 private:
  static std::size_t index(Event event) { return static_cast<std::size_t>(event); }
  std::array<std::uint64_t, kEventCount> counts_{};
};

}  // namespace mxsim
