#pragma once

#include <cstdint>
#include <vector>

#include "models/mapping/plan/gemm_mapping.h"
#include "models/mapping/plan/plan_policy.h"
#include "models/mapping/program/build_context.h"

namespace mxsim {

/// Makes the commands of a run, group after group in order.
///
/// With GEMM: operand tiles are fetched into the slots of the input and weight buffers in turn and
/// kept while the next tile wants the same; results stay in a slot of the accumulator buffer until
/// the reduction is complete, are taken through the vector and re-quantization units in place, and
/// stored from there. The epilogue of a tile is queued behind the first fetches of the next one,
/// also of the next group's if it does not read what the epilogue stores, so that fetches do not
/// wait for it. Without GEMM: the streams pass through the input and accumulator buffers in chunks
/// of at most one slot. Broadcast tensors go to the vector unit's own registers.
class ProgramBuilder {
 public:
  /// All outlive the builder.
  ProgramBuilder(const OpList& ops, const MemoryPlan& plan, const MapperChip& chip,
                 GroupOverlap overlap);
  ProgramBuilder(const ProgramBuilder&) = delete;
  ProgramBuilder& operator=(const ProgramBuilder&) = delete;

  bool done() const { return next_ == context_.ops.groups.size(); }
  /// The commands of the next group; `mappings` holds one mapping for each of its GEMMs. Commands
  /// below `finished_below` are finished.
  Program next(const std::vector<GemmMapping>& mappings, CommandId finished_below);
  const BufferOccupancy& occupancy() const { return slots_.occupancy; }

 private:
  void build_gemms(std::uint32_t group, const std::vector<GemmMapping>& mappings);

  CommandStream stream_;
  ChipSlots slots_;
  BuildContext context_;
  GroupOverlap overlap_;
  std::uint32_t next_ = 0;
};

}  // namespace mxsim
