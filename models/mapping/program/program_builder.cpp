#include "models/mapping/program/program_builder.h"

#include <memory>

#include "models/mapping/program/gemm_program.h"
#include "models/mapping/program/stream_program.h"

namespace mxsim {

ProgramBuilder::ProgramBuilder(const OpList& ops, const MemoryPlan& plan, const MapperChip& chip,
                               GroupOverlap overlap)
    : slots_(chip), context_{ops, plan, chip, stream_, slots_}, overlap_(overlap) {}

void ProgramBuilder::build_gemms(std::uint32_t group, const std::vector<GemmMapping>& mappings) {
  std::vector<GemmTiling> tilings;
  for (const GemmMapping& mapping : mappings) tilings.push_back(mapping.tiling);
  const auto program = std::make_shared<GemmProgram>(context_, group);
  program->build(tilings);
  stream_.postpone([program] { program->finish(); }, program->written_ranges());
}

Program ProgramBuilder::next(const std::vector<GemmMapping>& mappings, CommandId finished_below) {
  const std::uint32_t group = next_++;
  stream_.begin_group(group);
  if (context_.ops.groups[group].gemms.empty()) {
    build_stream_program(context_, group);
  } else {
    build_gemms(group, mappings);
  }
  if (overlap_ == GroupOverlap::kOff || done()) stream_.write_postponed();
  return stream_.take(finished_below);
}

}  // namespace mxsim
