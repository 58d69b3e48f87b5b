#pragma once

#include <map>
#include <memory>
#include <optional>
#include <utility>

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

/// A tile on the array, as every tile with the same command of the array takes it.
struct ArrayTile {
  Command example;  ///< without what it comes after
  ArrayCommand array;
  CommandNeeds needs;
};

class CommandTime {
 public:
  /// All outlive it.
  CommandTime(const OpList& ops, const MapperChip& chip, const ChipAround& around)
      : ops_(ops), chip_(chip), dma_(around.dma), requant_(around.requant) {}

  /// Of the array's commands array_tile() tells.
  CommandNeeds of(const Command& command) const;
  std::shared_ptr<const ArrayTile> array_tile(const Command& command);
  /// From the beginning of a tile on the array to the earliest one of the next tile if the array
  /// chains them; nothing where it is empty in between.
  std::optional<Cycles> chained_start(const std::shared_ptr<const ArrayTile>& tile,
                                      const std::shared_ptr<const ArrayTile>& next);

 private:
  /// Tiles of one GEMM with equal commands of the array are the same to it.
  struct ArrayKey {
    std::uint32_t group = 0;
    std::uint32_t gemm = 0;
    ArrayCommand array;
    bool operator<(const ArrayKey& other) const;
  };
  /// The ports of each slot move what the command reads and writes one after the other.
  Cycles through_ports(const Command& command) const;
  CommandNeeds compute(const Command& command) const;

  const OpList& ops_;
  const MapperChip& chip_;
  DmaSpec dma_;
  RequantSpec requant_;
  std::map<ArrayKey, std::shared_ptr<const ArrayTile>> tiles_;
  std::map<std::pair<std::shared_ptr<const ArrayTile>, std::shared_ptr<const ArrayTile>>,
           std::optional<Cycles>>
      chained_;
};

}  // namespace mxsim
