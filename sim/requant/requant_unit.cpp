#include "sim/requant/requant_unit.h"

namespace mxsim {

RequantUnit::RequantUnit(const sc_core::sc_module_name& name, const RequantSpec& spec,
                         const Surroundings& around, const MapperChip& chip,
                         const ChipBuffers& buffers)
    : TimedUnit(name, Unit::kRequant, around, chip, buffers), spec_(spec) {}

Cycles RequantUnit::work(const Command& command) {
  const auto& requant = std::get<RequantWork>(command.work);
  const std::int64_t encoded = requant.elements * requant.encodings;
  counts().add(Event::kRequantMax, static_cast<std::uint64_t>(encoded));
  counts().add(Event::kRequantEncode, static_cast<std::uint64_t>(encoded));
  if (requant.decodes) {
    counts().add(Event::kRequantDecode, static_cast<std::uint64_t>(requant.elements));
  }
  return Cycles(ceil_div(requant.elements, spec_.lanes) * requant.encodings);
}

}  // namespace mxsim
