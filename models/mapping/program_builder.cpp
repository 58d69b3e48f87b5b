#include "models/mapping/program_builder.h"

#include <algorithm>

#include "models/mapping/gemm_program.h"
#include "models/mapping/stream_program.h"

namespace mxsim {

Program build_program(const OpList& ops, const OpGroup& group,
                      const std::vector<GemmMapping>& mappings, const MemoryPlan& plan,
                      const MapperChip& chip) {
  if (group.gemms.empty()) return build_stream_program(ops, group, plan, chip);
  std::vector<GemmTiling> tilings;
  for (const GemmMapping& mapping : mappings) tilings.push_back(mapping.tiling);
  const BufferSlots slots{chip.input.slots(), chip.weight.slots(), chip.accumulator.slots()};
  return GemmProgram(ops, group, plan, slots).build(tilings);
}

}  // namespace mxsim
