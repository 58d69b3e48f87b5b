#pragma once

#include <optional>

#include "models/mapping/chip/chip_around.h"
#include "models/mapping/prediction/chip_ports.h"
#include "models/mapping/program/program.h"

namespace mxsim {

/// How long a command keeps its unit when nothing holds it up, and what it asks of shared ports
/// meanwhile.
struct CommandNeeds {
  Cycles busy{0};   ///< its own work and the ports of its slots; of a transfer: on the DMA's path
  Cycles drain{0};  ///< of the unit's pipeline, afterwards
  std::vector<PortWords> words;  ///< spread over `busy`
};

class CommandTime {
 public:
  /// All outlive it.
  CommandTime(const OpList& ops, const MapperChip& chip, const ChipAround& around)
      : ops_(ops), chip_(chip), dma_(around.dma), requant_(around.requant) {}

  CommandNeeds of(const Command& command) const;
  /// From the beginning of a tile on the array to the earliest one of the next tile if the array
  /// chains them; nothing where it is empty in between.
  std::optional<Cycles> chained_start(const Command& command, const Command& next) const;

 private:
  /// The ports of each slot move what the command reads and writes one after the other.
  Cycles through_ports(const Command& command) const;
  CommandNeeds compute(const Command& command) const;
  CommandNeeds on_array(const Command& command) const;

  const OpList& ops_;
  const MapperChip& chip_;
  DmaSpec dma_;
  RequantSpec requant_;
};

}  // namespace mxsim
