#include "models/mapping/program/tile_chain.h"

namespace mxsim {

ArrayCommand array_command(const MapperChip& chip, const OpList& ops, const Command& command) {
  const OpGroup& group = ops.groups[command.group];
  const auto& work = std::get<ArrayWork>(command.work);
  return array_command(chip, group.pass, group.gemms[work.gemm], work.tile, work.accumulate);
}

bool chain(const Command& command, const Command& next) {
  return command.group == next.group &&
         std::get<ArrayWork>(command.work).gemm == std::get<ArrayWork>(next.work).gemm;
}

}  // namespace mxsim
