#pragma once

#include <cstdint>
#include <string>

#include "models/chip/chip_spec.h"
#include "sim/config/binder.h"

namespace mxsim {

struct BufferSet {
  BufferSpec input;
  BufferSpec weight;
  BufferSpec accumulator;
};

struct DramConfig {
  std::string device;
  std::int64_t channels = 1;
};

/// A chip file (configs/chips/): everything that is built of silicon and what it is priced by.
struct ChipConfig {
  std::int64_t clock_hz = 500'000'000;
  ArraySpec array;
  BufferSet buffers;
  DmaSpec dma;
  DramConfig dram;
  VectorSpec vector;
  RequantSpec requant;
  std::string technology;
};

void bind(Binder& b, ArraySpec& s);
void bind(Binder& b, PerPass<Dataflow>& s);
void bind(Binder& b, BufferSpec& s);
void bind(Binder& b, BufferSet& s);
void bind(Binder& b, DmaSpec& s);
void bind(Binder& b, DramConfig& s);
void bind(Binder& b, VectorSpec& s);
void bind(Binder& b, RequantSpec& s);
void bind(Binder& b, ChipConfig& s);

/// Rules across keys: banks come in pairs and divide the bytes of their buffer.
std::vector<Diagnostic> validate(const ChipConfig& chip);

}  // namespace mxsim
