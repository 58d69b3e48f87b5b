#pragma once

#include <cstdint>
#include <string>

#include "models/chip/chip_spec.h"
#include "models/chip/post_processor.h"
#include "models/chip/sequencer_spec.h"
#include "models/chip/unrolling_spec.h"
#include "models/dram/frfcfs_spec.h"
#include "models/mapping/chip/chip_around.h"
#include "models/mapping/chip/mapper_chip.h"
#include "sim/config/binder.h"
#include "sim/config/buffer_config.h"
#include "sim/config/dram_config.h"
#include "sim/config/technology_reader.h"

namespace mxsim {

struct DramConfig {
  DramFile device;
  std::int64_t channels = 0;  ///< 0: as many as the device has
  FrfcfsSpec scheduler;
  DramCompression compression;
};

/// A chip file (configs/chips/): everything that is built of silicon and what it is priced by.
struct ChipConfig {
  std::string description;
  std::int64_t clock_hz = 500'000'000;
  ArraySpec array;
  BufferSet buffers = separate_buffers({}, {}, {});
  DmaSpec dma;
  DramConfig dram;
  VectorSpec vector;
  RequantSpec requant;
  PostProcessor post_processor;
  SequencerSpec sequencer;
  UnrollingSpec unrolling;
  TechnologyFile technology;
};

void bind(Binder& b, ArraySpec& s);
void bind(Binder& b, PerPass<Dataflow>& s);
void bind(Binder& b, ArrayGrid& s);
void bind(Binder& b, DotProductWidth& s);
void bind(Binder& b, DmaSpec& s);
void bind(Binder& b, FrfcfsSpec& s);
void bind(Binder& b, DramConfig& s);
void bind(Binder& b, VectorSpec& s);
void bind(Binder& b, RequantSpec& s);
void bind(Binder& b, PostProcessor& s);
void bind(Binder& b, SequencerSpec& s);
void bind(Binder& b, UnrollingSpec& s);
void bind(Binder& b, DramCompression& s);
void bind(Binder& b, ChipConfig& s);

/// The device with the chip's number of channels; `dram` must be valid.
DramDevice dram_device(const DramConfig& dram);

/// The chip as the mapper sees it when it does this work: buffer words hold the widest GEMM
/// operand, and `kept` bytes of the activations' buffer are reserved for whole tensors.
MapperChip mapper_chip(const ChipConfig& chip, const DramDevice& dram, const OpList& ops,
                       Bytes kept = Bytes(0));

/// Rules across keys: of the buffers (buffer_config.h) and of the DRAM device.
std::vector<Diagnostic> validate(const ChipConfig& chip);

/// The chip around the mapper's part of it.
ChipAround chip_around(const ChipConfig& chip, const DramDevice& dram);

}  // namespace mxsim
