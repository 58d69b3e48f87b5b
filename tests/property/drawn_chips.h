#pragma once

#include <rapidcheck.h>

#include "models/formats/format_table.h"
#include "models/workload/lower.h"
#include "tests/property/drawn_networks.h"
#include "tests/support/tiny_chip.h"

namespace mxsim::testing {

inline BufferSpec drawn_buffer(std::int64_t bytes) {
  BufferSpec spec;
  spec.banks = std::int64_t{1} << draw(0, 3);
  spec.bytes = Bytes(bytes * (std::int64_t{1} << draw(0, 2)));
  spec.width_elements = draw(0, 3) == 0 ? 0 : std::int64_t{1} << draw(1, 4);
  spec.ports = draw(1, 2);
  spec.bank_groups = draw(0, 1) == 0 ? 0 : draw(1, 3);
  spec.slots = std::int64_t{1} << draw(0, 2);
  spec.transposed_read = *rc::gen::element(TransposedRead::kTransposer, TransposedRead::kGather,
                                           TransposedRead::kSecondPort);
  spec.layout = draw(0, 1) == 0 ? BufferLayout::kPartitioned : BufferLayout::kInterleaved;
  return spec;
}

/// One for all roles, with or without gradients and streams.
inline BufferSet drawn_scratchpad() {
  BufferSpec spec = drawn_buffer(32768);
  spec.banks = std::int64_t{4} << draw(0, 3);
  spec.width_elements = 0;
  spec.width_bits = std::int64_t{32} << draw(0, 3);
  spec.roles = {BufferRole::kActivations, BufferRole::kWeights, BufferRole::kAccumulators};
  if (draw(0, 1) == 0) spec.roles.push_back(BufferRole::kGradients);
  if (draw(0, 1) == 0) spec.roles.push_back(BufferRole::kStreams);
  return {{"shared", spec}};
}

/// Small arrays, buffers of their own, with some for gradients and streams, or one for all; may
/// break a rule of the buffers.
inline ChipConfig drawn_chip() {
  ChipConfig chip;
  chip.clock_hz = draw(50'000'000, 2'000'000'000);
  chip.array.rows = draw(1, 8);
  chip.array.cols = draw(1, 8);
  chip.array.grid = {draw(1, 3), draw(1, 3)};
  chip.array.mac_latency_cycles = draw(1, 3);
  for (Dataflow* flow : {&chip.array.dataflow.forward, &chip.array.dataflow.backward_data,
                         &chip.array.dataflow.backward_weight}) {
    *flow = *rc::gen::element(Dataflow::kWeightStationary, Dataflow::kOutputStationary,
                              Dataflow::kInputStationary);
  }
  chip.array.weight_buffering =
      *rc::gen::element(WeightBuffering::kSingle, WeightBuffering::kDouble);
  chip.buffers = separate_buffers(drawn_buffer(4096), drawn_buffer(4096), drawn_buffer(8192));
  if (draw(0, 2) == 0) {
    chip.buffers["gradient"] = drawn_buffer(4096);
    chip.buffers["gradient"].roles = {BufferRole::kGradients};
  } else if (draw(0, 1) == 0) {
    chip.buffers = drawn_scratchpad();
  }
  if (chip.buffers.size() > 1 && draw(0, 1) == 0) {
    chip.buffers["stream"] = drawn_buffer(1024);
    chip.buffers["stream"].roles = {BufferRole::kStreams};
  }
  chip.dma = {draw(1, 64), draw(0, 30), draw(1, 5)};
  chip.vector = {draw(1, 16), draw(1, 8), draw(0, 9)};
  chip.requant = {draw(1, 16), draw(0, 9)};
  chip.post_processor = {draw(0, 8), draw(1, 5)};
  if (draw(0, 2) == 0) chip.sequencer.issue_cycles = draw(1, 40);
  return chip;
}

inline DramDevice drawn_ideal_memory() {
  constexpr int kRowBits = 12;
  constexpr int kColumnBits = 6;
  const int channel_bits = static_cast<int>(draw(0, 2));
  DramDevice dram;
  dram.clock_hz = draw(100'000'000, 3'000'000'000);
  dram.organisation.channels = std::int64_t{1} << channel_bits;
  dram.organisation.rows = std::int64_t{1} << kRowBits;
  dram.organisation.bursts = std::int64_t{1} << kColumnBits;
  dram.organisation.burst_bytes = std::int64_t{16} << draw(0, 2);
  dram.ideal = {draw(1, 64), draw(0, 120)};
  dram.address_map = {{AddressField::kRow, kRowBits},
                      {AddressField::kColumn, kColumnBits},
                      {AddressField::kChannel, channel_bits}};
  return dram;
}

/// Some tensors lie in tiles, with their scales apart or beside them.
inline void draw_tiles(OpList& ops) {
  if (draw(0, 1) == 0) return;
  for (StoredTensor& tensor : ops.tensors) {
    if (draw(0, 2) == 0) continue;
    tensor.tile = {*rc::gen::element<std::int64_t>(1, 3, 8, 8, 16, 32),
                   *rc::gen::element<std::int64_t>(2, 8, 8, 16, 32),
                   draw(0, 1) == 0 ? ScalePlace::kApart : ScalePlace::kBeside};
  }
}

/// A network lowered for the chip.
inline OpList drawn_ops(const ChipConfig& chip) {
  LoweringPolicy policy;
  policy.mode = draw(0, 2) == 0 ? Mode::kInfer : Mode::kTrain;
  policy.batch = draw(1, 3);
  policy.wide = parse_format("bf16");
  policy.formats.format = parse_format(
      *rc::gen::element("bf16", "mxsf", "mxfp8_e4m3", "mxint8", "mxfp4_e2m1", "mxfp6_e3m2"));
  policy.array = chip.array;
  OpList ops = lower(draw(0, 1) == 0 ? drawn_cnn() : drawn_transformer(), policy);
  draw_tiles(ops);
  return ops;
}

}  // namespace mxsim::testing
