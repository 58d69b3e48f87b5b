#include "sim/requant/requant_unit.h"

#include "models/chip/requant_patch.h"

namespace mxsim {

RequantUnit::RequantUnit(const sc_core::sc_module_name& name, const RequantSpec& spec,
                         const Context& context, const MapperChip& chip, const ChipBuffers& buffers)
    : TimedUnit(name, Unit::kRequant, context, chip, buffers), spec_(spec) {}

Cycles RequantUnit::work(const Command& command) {
  const auto& requant = std::get<RequantWork>(command.work);
  const std::int64_t encoded = requant.elements * requant.encodings;
  counts().add(Event::kRequantMax, static_cast<std::uint64_t>(encoded));
  counts().add(Event::kRequantEncode, static_cast<std::uint64_t>(encoded));
  counts().add(Event::kRandomDraws, static_cast<std::uint64_t>(requant.draws));
  counts().add(Event::kHadamardAdds, static_cast<std::uint64_t>(requant.hadamard_adds));
  if (requant.decodes) {
    counts().add(Event::kRequantDecode, static_cast<std::uint64_t>(requant.elements));
  }
  fill_ = patch_fill(requant.patch_rows, requant.elements, spec_.lanes);
  if (requant.patch_rows > 0) {
    counts().add(Event::kTransposedBytes,
                 static_cast<std::uint64_t>(requant.elements * kPatchElementBytes));
  }
  return Cycles(ceil_div(requant.elements, spec_.lanes) * requant.encodings);
}

}  // namespace mxsim
