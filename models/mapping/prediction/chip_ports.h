#pragma once

#include <map>
#include <vector>

#include "models/mapping/chip/mapper_chip.h"
#include "models/mapping/program/program.h"
#include "models/memory/port_share.h"

namespace mxsim {

/// Words that a command moves through shared ports of a buffer.
struct PortWords {
  std::size_t buffer = 0;  ///< SramGeometry::shared_ports()
  std::int64_t words = 0;
};

/// Of a command of the vector unit, the re-quantizer or the DMA.
std::vector<PortWords> port_words(const MapperChip& chip,
                                  const std::vector<BufferAccess>& accesses);
/// Of a tile on the array; columns that are read through ports of their own are not among them.
std::vector<PortWords> port_words(const MapperChip& chip, Dataflow dataflow, const GemmWork& work,
                                  const ArrayTraffic& traffic);

/// The plan by which accesses arrive at the interleaved buffers of a chip, the same for both
/// fidelities of the array: a unit moves the words of a command evenly over the time that the
/// command takes the unit when nobody is in its way.
///
/// The array goes first, because a systolic array cannot wait; its step is long enough for all it
/// reads and writes (array_command), so it always gets what it asks for. Then, each closer to the
/// end of the work than the next: the vector unit, the re-quantizer, the DMA's writes to DRAM,
/// which free slots, and its reads.
class ChipPorts {
 public:
  explicit ChipPorts(const MapperChip& chip);

  /// Whether ports are shared at all.
  bool any() const { return !shares_.empty(); }
  /// A unit begins to move words that it could move in `over` cycles; `now` never falls. Its own
  /// words of before must be moved, but for the array's, whose commands overlap: words left of one
  /// are spread over the next.
  void begin(Unit worker, Cycles now, const std::vector<PortWords>& words, Cycles over);
  /// The first cycle with nothing left of them, if no unit begins before it.
  Cycles met(Unit worker) const;

 private:
  std::map<std::size_t, PortShare> shares_;  ///< by buffer
};

}  // namespace mxsim
