#pragma once

#include "sim/config/chip_config.h"

namespace mxsim::testing {

/// An 8x8 array with buffers so small that layers of a few hundred elements need many tiles.
inline ChipConfig tiny_chip() {
  ChipConfig chip;
  chip.array.rows = 8;
  chip.array.cols = 8;
  chip.buffers = separate_buffers({Bytes(8192), 4, 8}, {Bytes(8192), 4, 8}, {Bytes(16384), 4, 8});
  chip.dma = {16, 4, 2};
  chip.vector = {8, 4, 4};
  chip.requant = {8, 4};
  return chip;
}

}  // namespace mxsim::testing
