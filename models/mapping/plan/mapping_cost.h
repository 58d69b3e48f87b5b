#pragma once

#include <cstdint>
#include <tuple>

#include "models/mapping/chip/mapping_objective.h"

namespace mxsim {

/// DRAM bytes in whole bursts, by what they are.
struct MappingTraffic {
  std::int64_t left = 0;
  std::int64_t right = 0;
  std::int64_t partial_sums = 0;  ///< unfinished results, stored and read again
  std::int64_t streamed = 0;      ///< tensors that the epilogue reads in step with the results
  std::int64_t results = 0;

  std::int64_t total() const { return left + right + partial_sums + streamed + results; }
  bool operator==(const MappingTraffic&) const = default;
};

/// Payload of tensors that are kept on the chip, through the path that DMA otherwise has for DRAM.
struct OnChipMoves {
  std::int64_t read = 0;
  std::int64_t written = 0;

  std::int64_t total() const { return read + written; }
  bool operator==(const OnChipMoves&) const = default;
};

/// What a mapping of one GEMM costs by the mapper's model. Resources overlap but for the start (the
/// first tiles come in) and the end (the last results pass the vector unit). The cycles are hardly
/// ever more than the run takes, and less where transfers wait for each other.
struct MappingCost {
  MappingTraffic traffic;
  OnChipMoves on_chip;
  double array_cycles = 0;
  double dram_cycles = 0;     ///< at the peak of all channels
  double channel_cycles = 0;  ///< of the busiest channel
  double vector_cycles = 0;
  double dma_cycles = 0;   ///< of the slower direction, through its path and the ports
  double slot_cycles = 0;  ///< of the buffer whose slots are filled, used and emptied in turn
  double start_cycles = 0;
  double end_cycles = 0;
  double cycles = 0;
  double sram_pj = 0;    ///< the array's accesses to the buffers, and ends of exact sums
  double energy_pj = 0;  ///< of what depends on the mapping: SRAM, DRAM, standing power
  std::int64_t tiles = 0;
};

/// The smaller, the better; the second and third settle ties of the first.
using MappingScore = std::tuple<double, double, double>;

inline MappingScore score(const MappingCost& cost, MappingObjective objective) {
  const auto bytes = static_cast<double>(cost.traffic.total());
  const auto tiles = static_cast<double>(cost.tiles);
  switch (objective) {
    case MappingObjective::kLatency:
      return {cost.cycles, bytes, tiles};
    case MappingObjective::kEnergy:
      return {cost.energy_pj, cost.cycles, tiles};
    case MappingObjective::kEdp:
      // Without prices the traffic decides; it comes first, where a search looks.
      return {cost.energy_pj > 0 ? cost.energy_pj * cost.cycles : bytes, bytes, tiles};
    case MappingObjective::kDramBytes:
      break;
  }
  return {bytes, cost.cycles, tiles};
}

}  // namespace mxsim
