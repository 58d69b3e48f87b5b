#pragma once

#include <cstdint>

#include "models/chip/chip_spec.h"
#include "models/chip/sequencer_spec.h"
#include "models/dram/dram_device.h"

namespace mxsim {

/// What decides times on a chip beside the mapper's part of it.
struct ChipAround {
  std::int64_t clock_hz = 1;
  DmaSpec dma;
  RequantSpec requant;
  DramDevice dram;
  SequencerSpec sequencer = {};
};

}  // namespace mxsim
