#include "sim/config/chip_config.h"

#include <fmt/format.h>

#include <array>
#include <optional>
#include <utility>

#include "models/chip/array_rules.h"
#include "models/energy/work_formats.h"
#include "models/formats/format_parser.h"
#include "models/memory/built_buffer.h"
#include "sim/config/choices.h"
#include "sim/config/dram_reader.h"
#include "sim/config/load.h"

namespace mxsim {
namespace {

SramGeometry required(Unit role, const std::vector<BuiltBuffer>& buffers) {
  const std::optional<SramGeometry> geometry = geometry_of(role, buffers);
  ensure(geometry.has_value(), "a role that no buffer serves");
  return *geometry;
}

constexpr Presence kRequired = Presence::kRequired;
constexpr IntegerRange kLatency{1, 1024};
constexpr IntegerRange kLanes{1, 65536};
constexpr std::array<Choice<ReductionUnrolling>, 2> kReductionUnrollingNames{
    {{"window", ReductionUnrolling::kWindow}, {"channels", ReductionUnrolling::kChannels}}};

}  // namespace

void bind(Binder& b, PerPass<Dataflow>& s) {
  b.choice({"forward", "", "stationary operand in the forward pass"}, s.forward, kDataflowNames);
  b.choice({"backward_data", "", "stationary operand in gradients to data"}, s.backward_data,
           kDataflowNames);
  b.choice({"backward_weight", "", "stationary operand in gradients to weights"}, s.backward_weight,
           kDataflowNames);
}

void bind(Binder& b, ArrayGrid& s) {
  b.integer({"rows", "", "arrays that share a command's M"}, s.rows, {1, 256});
  b.integer({"columns", "", "arrays that share a command's N"}, s.cols, {1, 256});
}

void bind(Binder& b, DotProductWidth& s) {
  b.integer({"significand_bits", "bit",
             "operands of up to so many bits, hidden bit included; integers: all bits", kRequired},
            s.significand_bits, {1, 24});
  b.integer({"width", "products", "neighbouring products of a result in one step", kRequired},
            s.width, {1, kWidestDotProduct});
}

namespace {

/// An accumulator chosen with --set drops the settings of the one in the file.
void leave_out_outdated(Binder& b, ArraySpec& s) {
  const bool fixed = s.accumulator == Accumulator::kFixed;
  const bool rounds = s.accumulator == Accumulator::kFp32 || s.accumulator == Accumulator::kBf16;
  if (!fixed && b.outdated("accumulator_bits", "accumulator")) s.accumulator_bits = 0;
  if (!rounds && b.outdated("accumulator_chunk", "accumulator")) s.accumulator_chunk = 0;
}

}  // namespace

void bind(Binder& b, SumOfFormats& s) {
  b.texts({"formats", "", "number formats; both operands have one of them", kRequired}, s.formats,
          {1, 64});
  b.choice({"accumulator", "", "as the array's", kRequired}, s.sum.accumulator, kAccumulatorNames);
  b.integer({"accumulator_bits", "bit", "as the array's"}, s.sum.bits, {0, kMostAccumulatorBits});
  b.integer({"accumulator_chunk", "elements", "as the array's"}, s.sum.chunk, {0, 65536});
  if (b.describing()) return;
  for (std::string& format : s.formats) {
    try {
      format = parse_format(format).name;
    } catch (const InputError& error) {
      b.fault("formats", error.diagnostics().front().message);
    }
  }
}

void bind(Binder& b, ArraySpec& s) {
  b.integer({"rows", "PE", "PE rows", kRequired}, s.rows, {1, 1024});
  b.integer({"columns", "PE", "PE columns", kRequired}, s.cols, {1, 1024});
  b.section({"dataflow", "", "what stays in the PEs: ws weights, os partial sums, is activations"},
            s.dataflow);
  b.choice(
      {"accumulator", "",
       "fp32, bf16: every product is rounded into such a sum; exact_block: the products of a "
       "block are added exactly, then rounded once into FP32, which passes hand on; fixed: the "
       "same in an integer of accumulator_bits that saturates. Integers of up to 8 bits under "
       "floating-point scales (int8, uint8) are summed in 32 bits unless accumulators or "
       "accumulator_bits say otherwise; formats without block scale have no exact sums and are "
       "added in fp32"},
      s.accumulator, kAccumulatorNames);
  b.integer(
      {"accumulator_bits", "bit", "fixed: width, sign included, of a block's sum; 0: lossless"},
      s.accumulator_bits, {0, kMostAccumulatorBits});
  b.integer({"accumulator_chunk", "elements",
             "fp32, bf16: so many products are summed apart before they enter the sum; 0: none"},
            s.accumulator_chunk, {0, 65536});
  leave_out_outdated(b, s);
  b.list({"accumulators", "",
          "accumulators of some formats; the first entry that has both "
          "operands' decides"},
         s.sums, {0, 64});
  b.integer({"pes_per_scale_unit", "PE",
             "exact_block, fixed: PEs of a column that share a unit which scales finished sums and "
             "adds them in FP32, one a cycle; more sums stall the array"},
            s.pes_per_scale_unit, {1, 1024});
  b.section({"grid", "", "several arrays instead of one; each does a share of every command"},
            s.grid);
  b.list(
      {"dot_product", "", "products that a PE adds in a step, by width of the operands; none: 1"},
      s.dot_product, {0, 8});
  b.integer({"mac_latency_cycles", "cycles", "pipeline depth of a multiply-accumulate"},
            s.mac_latency_cycles, {1, 64});
  b.choice({"weight_buffering", "", "double: the next stationary operand loads during a pass"},
           s.weight_buffering, kWeightBufferingNames);
  b.choice({"timing", "", "native: passes overlap as the hardware allows; scalesim: they do not"},
           s.timing, kArrayTimingNames);
  b.choice(
      {"zero_gating", "", "on: a product with a zero operand is skipped; results are the same"},
      s.zero_gating, kZeroGatingNames);
}

void bind(Binder& b, DmaSpec& s) {
  b.integer({"bytes_per_cycle", "bytes/cycle", "width of the path between DRAM and buffers"},
            s.bytes_per_cycle, {1, 65536});
  b.integer({"setup_cycles", "cycles", "fetch and decode of one transfer's descriptor"},
            s.setup_cycles, {1, 1'000'000});
  b.integer({"outstanding", "transfers", "transfers in flight in each direction"}, s.outstanding,
            {1, 64});
}

void bind(Binder& b, FrfcfsSpec& s) {
  constexpr IntegerRange kBursts{1, 1024};
  b.integer({"window", "bursts", "waiting bursts of each direction that a channel chooses from"},
            s.window, kBursts);
  b.integer({"high_writes", "bursts", "this many waiting writes end the turn of reads"},
            s.high_writes, kBursts);
  b.integer({"low_writes", "bursts", "this few waiting writes end the turn of writes"},
            s.low_writes, {0, 1023});
  b.integer(
      {"turn", "bursts", "served before a direction can lose its turn, and the most of writes"},
      s.turn, {1, 1'000'000});
  b.integer(
      {"hit_cap", "bursts", "column commands of a row after which an older conflict closes it"},
      s.hit_cap, {1, 1'000'000});
  b.integer({"notice", "bursts", "reads that are still served once writes end the turn of reads"},
            s.notice, {0, 1'000'000});
  b.flag({"prepare_next_turn", "", "banks that a turn no longer needs open rows for the next one"},
         s.prepare_next_turn);
  b.flag({"activate_ahead", "", "every waiting burst may open its row; false: the oldest alone"},
         s.activate_ahead);
  b.flag({"forwarding", "",
          "a waiting write answers later single bursts to its bytes; false: they go to the device, "
          "for timing alone"},
         s.forwarding);
}

void bind(Binder& b, DramConfig& s) {
  b.reference({"device", "", "DRAM device", kRequired}, s.device);
  b.integer({"channels", "", "channels, a power of two; 0: as many as the device has"}, s.channels,
            {0, 256});
  b.section({"scheduler", "", "queues and turns of each channel, FR-FCFS"}, s.scheduler);
  b.section({"compression", "ratio",
             "bytes in DRAM over bytes on the chip, on average; each piece of a transfer is "
             "compressed by itself, where it lies, and moves whole bursts"},
            s.compression);
}

void bind(Binder& b, VectorSpec& s) {
  b.integer({"lanes", "elements/cycle", "FP32 elements in parallel"}, s.lanes, kLanes);
  b.integer({"slow_op_cycles", "cycles", "lane time of one divide, sqrt, exp or log"},
            s.slow_op_cycles, kLatency);
  b.integer({"pipeline_latency_cycles", "cycles", "first element in to first element out"},
            s.pipeline_latency_cycles, kLatency);
}

void bind(Binder& b, RequantSpec& s) {
  b.integer({"lanes", "elements/cycle", "elements encoded in parallel"}, s.lanes, kLanes);
  b.integer({"pipeline_latency_cycles", "cycles", "first element in to first element out"},
            s.pipeline_latency_cycles, kLatency);
}

void bind(Binder& b, PostProcessor& s) {
  b.integer({"elements_per_cycle", "elements/cycle", "elements that enter in a cycle; 0: none"},
            s.elements_per_cycle, {0, 65536});
  b.integer({"stages", "operations",
             "additions, multiplications and comparisons on an element in one pass; longer chains "
             "pass several times"},
            s.stages, {1, 64});
}

void bind(Binder& b, SequencerSpec& s) {
  b.integer({"issue_cycles", "cycles",
             "to issue a command (a transfer, a tile on the array, a piece of results), one after "
             "another"},
            s.issue_cycles, {0, 1'000'000});
}

void bind(Binder& b, UnrollingSpec& s) {
  b.choice({"reduction", "",
            "what a pass holds along the reduction of a convolution: window: channels and taps "
            "side by side (im2col); channels: those of one tap, as of an array that adds over "
            "channels alone; depthwise groups are then not packed"},
           s.reduction, kReductionUnrollingNames);
}

void bind(Binder& b, DramCompression& s) {
  constexpr NumberRange kRatio{0.001, 1};
  b.number({"weights", "ratio", "of weights that GEMMs read; 1: not compressed"}, s.weights,
           kRatio);
  b.number({"activations", "ratio", "of activations, the network's input too"}, s.activations,
           kRatio);
  b.number({"gradients", "ratio", "of gradients to activations"}, s.gradients, kRatio);
}

void bind(Binder& b, ChipConfig& s) {
  b.text({"description", "", "the chip, and the sources of its numbers"}, s.description);
  b.integer({"clock_hz", "Hz", "core clock", kRequired}, s.clock_hz, {1'000'000, 10'000'000'000});
  b.section({"array", "", "array of processing elements", kRequired}, s.array);
  bind(b, s.buffers);
  b.section({"dma", "", "transfers between DRAM and buffers"}, s.dma);
  b.section({"dram", "", "memory", kRequired}, s.dram);
  b.section({"vector", "", "vector unit"}, s.vector);
  b.section({"requant", "", "re-quantization unit"}, s.requant);
  b.section({"post_processor", "",
             "pipeline beside the lanes of the vector unit for chains of simple operations: bias, "
             "scale, residual addition, ReLU, pooling"},
            s.post_processor);
  b.section({"sequencer", "", "hands the units their commands"}, s.sequencer);
  b.section({"unrolling", "", "loops of a layer that lie on the array side by side"}, s.unrolling);
  b.reference({"technology", "", "prices of events and area", kRequired}, s.technology);
}

DramDevice dram_device(const DramConfig& dram) {
  std::vector<Diagnostic> faults;
  DramDevice device = to_device(dram.device, faults);
  ensure(faults.empty(), "a device that validate() accepts can be built");
  return dram.channels == 0 ? device : with_channels(std::move(device), dram.channels);
}

MapperChip mapper_chip(const ChipConfig& chip, const DramDevice& dram, const OpList& ops,
                       Bytes kept) {
  const std::vector<BuiltBuffer> built =
      built_buffers(chip.buffers, buffer_contents(formats_in_use(ops), chip.array));
  MapperChip mapper{chip.array,
                    required(Unit::kSramInput, built).without(kept),
                    required(Unit::kSramWeight, built),
                    required(Unit::kSramAccumulator, built),
                    chip.vector,
                    dram.organisation.burst_bytes,
                    dram.peak_bytes_per_s() / static_cast<double>(chip.clock_hz),
                    {},
                    geometry_of(Unit::kSramGradient, built),
                    chip_around(chip, dram)};
  mapper.stream = geometry_of(Unit::kSramStream, built);
  mapper.post_processor = chip.post_processor;
  mapper.compression = chip.dram.compression;
  mapper.unrolling = chip.unrolling;
  return mapper;
}

std::vector<Diagnostic> validate(const DramConfig& dram) {
  std::vector<Diagnostic> faults = below("/device", validate(dram.device));
  if (!faults.empty()) return faults;
  try {
    dram_device(dram);
  } catch (const InputError& error) {
    faults.push_back({"", "/channels", error.what()});
  }
  for (Diagnostic& fault : below("/scheduler", validate(dram.scheduler))) {
    faults.push_back(std::move(fault));
  }
  return faults;
}

std::vector<Diagnostic> validate(const ChipConfig& chip) {
  std::vector<Diagnostic> faults = below("/buffers", validate(chip.buffers));
  for (const ArrayFault& fault : array_faults(chip.array)) {
    faults.push_back({"", "/array/" + fault.key, fault.message});
  }
  for (Diagnostic& fault : below("/dram", validate(chip.dram))) faults.push_back(std::move(fault));
  return faults;
}

ChipAround chip_around(const ChipConfig& chip, const DramDevice& dram) {
  return {chip.clock_hz, chip.dma, chip.requant, dram, chip.sequencer};
}

}  // namespace mxsim
