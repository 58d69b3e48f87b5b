#include "sim/vector/vector_unit.h"

#include "models/mapping/chip/vector_cost.h"

namespace mxsim {

VectorUnit::VectorUnit(const sc_core::sc_module_name& name, const VectorSpec& spec,
                       const Context& context, const MapperChip& chip, const ChipBuffers& buffers)
    : TimedUnit(name, Unit::kVector, context, chip, buffers),
      spec_(spec),
      post_processor_(chip.post_processor) {}

Cycles VectorUnit::work(const Command& command) {
  const auto& vector = std::get<VectorWork>(command.work);
  const std::vector<VectorOps>& ops = context().ops.groups[command.group].vector_ops;
  for (const VectorOps& each : ops) {
    const Unit counted = each.op == Event::kRequantDecode ? Unit::kRequant : Unit::kVector;
    const std::int64_t operations = vector.elements * each.per_element + vector.rows * each.per_row;
    context().ledger.open()[counted].add(each.op, static_cast<std::uint64_t>(operations));
  }
  counts().add(Event::kConvert, static_cast<std::uint64_t>(vector.conversions));
  counts().add(Event::kRandomDraws, static_cast<std::uint64_t>(vector.draws));
  return vector_cycles({spec_, post_processor_}, ops, vector.elements, vector.rows);
}

}  // namespace mxsim
