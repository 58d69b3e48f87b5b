#pragma once

#include "models/chip/chip_spec.h"
#include "sim/control/timed_unit.h"

namespace mxsim {

/// Tile-based re-quantization: keeps one row of tiles of FP32 results, finds the largest exponent
/// of each block and encodes `lanes` elements per cycle. A second copy in other blocks is a second
/// pass over the same results. Operands that are encoded as they are loaded pass through patches
/// (models/chip/requant_patch.h).
class RequantUnit : public TimedUnit {
 public:
  RequantUnit(const sc_core::sc_module_name& name, const RequantSpec& spec, const Context& context,
              const MapperChip& chip, const ChipBuffers& buffers);

 private:
  Cycles work(const Command& command) override;
  Cycles latency() const override { return Cycles(spec_.pipeline_latency_cycles) + fill_; }

  RequantSpec spec_;
  Cycles fill_{0};  ///< of the running command's first patch
};

}  // namespace mxsim
