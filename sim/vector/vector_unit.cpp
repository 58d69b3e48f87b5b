#include "sim/vector/vector_unit.h"

#include "models/mapping/vector_cost.h"

namespace mxsim {

VectorUnit::VectorUnit(const sc_core::sc_module_name& name, const VectorSpec& spec,
                       const Surroundings& around, const ChipBuffers& buffers)
    : TimedUnit(name, Unit::kVector, around, buffers), spec_(spec) {}

Cycles VectorUnit::work(const Command& command) {
  const auto& vector = std::get<VectorWork>(command.work);
  const std::vector<VectorOps>& ops = around().ops.groups[command.group].vector_ops;
  const auto elements = static_cast<std::uint64_t>(vector.elements);
  for (const VectorOps& each : ops) {
    const Unit counted = each.op == Event::kRequantDecode ? Unit::kRequant : Unit::kVector;
    around().ledger.open()[counted].add(each.op,
                                        elements * static_cast<std::uint64_t>(each.per_element));
  }
  counts().add(Event::kConvert, static_cast<std::uint64_t>(vector.conversions));
  return Cycles(ceil_div(vector.elements, spec_.lanes) * lane_cycles(spec_, ops));
}

}  // namespace mxsim
