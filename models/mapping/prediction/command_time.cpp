#include "models/mapping/prediction/command_time.h"

#include <algorithm>

#include "models/chip/requant_patch.h"
#include "models/dataflow/closed_form.h"
#include "models/dataflow/command_chain.h"
#include "models/mapping/chip/vector_cost.h"
#include "models/mapping/program/tile_chain.h"

namespace mxsim {

Cycles CommandTime::through_ports(const Command& command) const {
  Cycles longest{0};
  for (const BufferAccess& access : command.buffers) {
    const SramGeometry& buffer = chip_.buffer(access.buffer);
    longest = std::max(longest, buffer.transfer_cycles(access.read, access.written));
  }
  return longest;
}

CommandNeeds CommandTime::on_array(const Command& command) const {
  const OpGroup& group = ops_.groups[command.group];
  const auto& work = std::get<ArrayWork>(command.work);
  const GemmWork& gemm = group.gemms[work.gemm];
  const ArrayCommand array = array_command(chip_, ops_, command);
  const ArrayCost cost = closed_form(chip_.array, array);
  return {cost.cycles, Cycles(0), port_words(chip_, array.dataflow, gemm, cost.traffic)};
}

std::optional<Cycles> CommandTime::chained_start(const Command& command,
                                                 const Command& next) const {
  if (!chain(command, next)) return std::nullopt;
  return mxsim::chained_start(chip_.array, array_command(chip_, ops_, command),
                              array_command(chip_, ops_, next));
}

/// Vector and re-quantization units: the slower of lanes and ports, then the pipeline drains.
CommandNeeds CommandTime::compute(const Command& command) const {
  std::int64_t lanes = 0;
  std::int64_t drain = 0;
  if (const auto* requant = std::get_if<RequantWork>(&command.work)) {
    lanes = ceil_div(requant->elements, requant_.lanes) * requant->encodings;
    drain = requant_.pipeline_latency_cycles +
            patch_fill(requant->patch_rows, requant->elements, requant_.lanes).count();
  } else {
    const auto& vector = std::get<VectorWork>(command.work);
    const std::vector<VectorOps>& ops = ops_.groups[command.group].vector_ops;
    lanes = vector_cycles({chip_.vector, chip_.post_processor}, ops, vector.elements, vector.rows)
                .count();
    drain = chip_.vector.pipeline_latency_cycles;
  }
  return {std::max(Cycles(lanes), through_ports(command)), Cycles(drain),
          port_words(chip_, command.buffers)};
}

CommandNeeds CommandTime::of(const Command& command) const {
  if (command.unit == Unit::kArray) return on_array(command);
  const auto* transfer = std::get_if<TransferWork>(&command.work);
  if (transfer == nullptr) return compute(command);
  const Cycles path(ceil_div(payload(transfer->runs).count(), dma_.bytes_per_cycle));
  return {std::max(path, through_ports(command)), Cycles(0), port_words(chip_, command.buffers)};
}

}  // namespace mxsim
