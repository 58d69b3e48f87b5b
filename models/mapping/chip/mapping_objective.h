#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace mxsim {

/// What the best mapping of a GEMM has least of: time; energy; their product; DRAM traffic.
enum class MappingObjective : std::uint8_t { kLatency, kEnergy, kEdp, kDramBytes };

struct MappingObjectiveInfo {
  MappingObjective objective;
  std::string_view name;
};

inline constexpr std::array<MappingObjectiveInfo, 4> kMappingObjectives{
    {{MappingObjective::kLatency, "latency"},
     {MappingObjective::kEnergy, "energy"},
     {MappingObjective::kEdp, "edp"},
     {MappingObjective::kDramBytes, "dram_bytes"}}};

/// pJ of what depends on the mapping.
struct MappingPrices {
  double dram_byte = 0;
  double input_word = 0;  ///< one access to a bank
  double weight_word = 0;
  double transposed_byte = 0;  ///< transposed by a transposer
  double multicast_byte = 0;   ///< taken by an array of a grid from another one's read
  double accumulator_read = 0;
  double accumulator_write = 0;
  double block_end = 0;  ///< a finished exact sum scaled and added
  double cycle = 0;      ///< leakage, clock and background

  bool operator==(const MappingPrices&) const = default;
};

}  // namespace mxsim
