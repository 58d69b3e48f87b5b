#pragma once

#include <optional>

#include "models/mapping/chip/mapper_chip.h"
#include "models/mapping/program/program.h"

namespace mxsim {

/// The command on the array of a tile of `ops`.
ArrayCommand array_command(const MapperChip& chip, const OpList& ops, const Command& command);

/// Whether the array takes the tile of `next` behind that of `command`, the one before it, without
/// being empty in between: tiles of one GEMM do, where chained_start() allows it.
bool chain(const Command& command, const Command& next);

}  // namespace mxsim
