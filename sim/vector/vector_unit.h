#pragma once

#include "models/chip/chip_spec.h"
#include "models/chip/post_processor.h"
#include "sim/control/timed_unit.h"

namespace mxsim {

/// FP32 lanes for everything that is not a matrix product. An addition, multiplication or
/// comparison takes a lane one cycle, a slow operation VectorSpec::slow_op_cycles; decoding and
/// rounding at its ports take none. A post-processor may take chains of simple operations.
class VectorUnit : public TimedUnit {
 public:
  VectorUnit(const sc_core::sc_module_name& name, const VectorSpec& spec, const Context& context,
             const MapperChip& chip, const ChipBuffers& buffers);

 private:
  Cycles work(const Command& command) override;
  Cycles latency() const override { return Cycles(spec_.pipeline_latency_cycles); }

  VectorSpec spec_;
  PostProcessor post_processor_;
};

}  // namespace mxsim
