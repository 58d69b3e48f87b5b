#pragma once

#include "models/mapping/chip_around.h"
#include "models/mapping/mapper_chip.h"
#include "models/mapping/program.h"

namespace mxsim {

/// How long each command keeps its unit when nothing holds it up. A transfer: the DMA's path and
/// the buffers' ports alone.
class CommandTime {
 public:
  /// All outlive it.
  CommandTime(const OpList& ops, const MapperChip& chip, const ChipAround& around)
      : ops_(ops), chip_(chip), dma_(around.dma), requant_(around.requant) {}

  Cycles of(const Command& command) const;

 private:
  /// The ports of each buffer move what the command reads and writes one after the other.
  Cycles through_ports(const Command& command) const;
  Cycles compute(const Command& command) const;
  Cycles on_array(const Command& command) const;

  const OpList& ops_;
  const MapperChip& chip_;
  DmaSpec dma_;
  RequantSpec requant_;
};

}  // namespace mxsim
