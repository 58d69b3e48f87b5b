#include "sim/run/assumption_table.h"

#include <algorithm>
#include <utility>

#include "models/workload/format_rules.h"
#include "sim/config/load.h"
#include "sim/run/blocks_in_use.h"

namespace mxsim {
namespace {

using Change = std::function<void(Comparison&)>;

/// The same change to every compared run.
template <class F>
Change each(F change) {
  return [change](Comparison& comparison) {
    for (ComparedConfig& compared : comparison.configs) change(compared.config);
  };
}

Change storage(StoragePolicy policy) {
  return each([policy](RunConfig& run) { run.formats.storage = policy; });
}

Change elementwise(ElementwiseReads reads) {
  return each([reads](RunConfig& run) { run.formats.elementwise = reads; });
}

Change transpose(TransposePolicy policy) {
  return each([policy](RunConfig& run) {
    const bool is_another = transpose_in_use(run.formats) != policy;
    if (run.formats.format.scale && is_another) run.formats.transpose = policy;
  });
}

Change tensor_scale(TensorScale scale) {
  return each([scale](RunConfig& run) {
    const FormatSpec& format = run.formats.format;
    if (scales_whole_tensor({format, block_in_use(run.formats)})) run.formats.tensor_scale = scale;
  });
}

Change block(BlockShape shape) {
  return each([shape](RunConfig& run) {
    const bool is_another = block_in_use(run.formats) != shape;
    if (run.formats.format.scale && is_another) run.formats.block = shape;
  });
}

Change dataflow(Dataflow flow) {
  return each([flow](RunConfig& run) { run.chip.array.dataflow = {flow, flow, flow}; });
}

Change accumulator(Accumulator accumulator, std::int64_t bits = 0) {
  return each([=](RunConfig& run) {
    run.chip.array.accumulator = accumulator;
    run.chip.array.accumulator_bits = bits;
    if (adds_integers(accumulator)) run.chip.array.accumulator_chunk = 0;
    run.chip.array.sums.clear();
  });
}

/// Rows and columns times over / under.
Change array(std::int64_t over, std::int64_t under) {
  return each([=](RunConfig& run) {
    run.chip.array.rows = std::max<std::int64_t>(run.chip.array.rows * over / under, 1);
    run.chip.array.cols = std::max<std::int64_t>(run.chip.array.cols * over / under, 1);
  });
}

Change buffers(std::int64_t over, std::int64_t under) {
  return each([=](RunConfig& run) {
    for (auto& [name, buffer] : run.chip.buffers) {
      buffer.bytes = Bytes(buffer.bytes.count() * over / under);
    }
  });
}

Change columns(TransposedRead read) {
  return each([read](RunConfig& run) {
    for (auto& [name, buffer] : run.chip.buffers) buffer.transposed_read = read;
  });
}

Change batch(std::int64_t images) {
  return each([images](RunConfig& run) { run.batch = images; });
}

Change dram(const std::string& device) {
  return each([device](RunConfig& run) {
    auto other = load_config<DramFile>("configs/dram/" + device + ".json");
    if (other.name == run.chip.dram.device.name) return;
    run.chip.dram.device = std::move(other);
    run.chip.dram.channels = 0;
  });
}

Change node(std::int64_t node_nm) {
  return each([node_nm](RunConfig& run) {
    if (run.chip.technology.table.node_nm == node_nm) return;
    run.chip.technology =
        load_config<TechnologyFile>("configs/technology/" + std::to_string(node_nm) + "nm.json");
  });
}

Change scaled(Price DramErrors::*price, double scale) {
  return each([=](RunConfig& run) {
    Price& changed = run.chip.technology.table.dram.*price;
    changed.value *= scale;
    changed.low *= scale;
    changed.high *= scale;
  });
}

Change sram_cell(const std::string& cell) {
  return each([cell](RunConfig& run) {
    TechnologyFile& technology = run.chip.technology;
    if (technology.sram_cell == cell) return;
    technology.sram_cell = cell;
    technology.table.sram.table =
        load_sram_table(technology.sram_table, technology.table.node_nm, cell);
  });
}

/// Of the buffer of the accumulators; 0 slices: one at each array column.
Change accumulator_buffer(AccessPrice access, std::int64_t slices) {
  return each([=](RunConfig& run) {
    for (auto& [name, buffer] : run.chip.buffers) {
      if (!buffer.serves(BufferRole::kAccumulators)) continue;
      buffer.access = access;
      buffer.slices = slices > 0 ? slices : run.chip.array.cols;
    }
  });
}

/// Of results of groups without a GEMM; no bytes: the buffer of the accumulators.
Change stream_buffer(std::int64_t bytes) {
  return each([bytes](RunConfig& run) {
    BufferSet& buffers = run.chip.buffers;
    const auto served = std::find_if(buffers.begin(), buffers.end(), [](const auto& named) {
      return named.second.serves(BufferRole::kStreams);
    });
    if (served == buffers.end()) {
      if (bytes == 0) return;
      BufferSpec buffer{Bytes(bytes)};
      buffer.roles = {BufferRole::kStreams};
      buffers.emplace("stream", std::move(buffer));
      return;
    }
    if (bytes == 0 && served->second.roles.size() == 1) buffers.erase(served);
  });
}

Change sram_access(SramAccess access) {
  return each([access](RunConfig& run) { run.chip.technology.table.sram.access = access; });
}

Change update(UpdatePlacement placement) {
  return each([placement](RunConfig& run) {
    if (trains(run.mode)) run.training.placement = placement;
  });
}

Change overlap(GroupOverlap overlap) {
  return each([overlap](RunConfig& run) { run.mapping.overlap_groups = overlap; });
}

Change equal(EqualCost cost) {
  return [cost](Comparison& comparison) { comparison.equal = cost; };
}

std::vector<Assumption> format_assumptions() {
  return {
      {"storage policy", "all tensors in the GEMM format", storage(StoragePolicy::kAll)},
      {"storage policy", "operands of GEMMs", storage(StoragePolicy::kOperands)},
      {"storage policy", "weights and activations", storage(StoragePolicy::kWeightsActivations)},
      {"storage policy", "none: quantized on load", storage(StoragePolicy::kNone)},
      {"elementwise reads", "the wide copy", elementwise(ElementwiseReads::kWide)},
      {"elementwise reads", "the GEMM's copy", elementwise(ElementwiseReads::kNarrow)},
      {"second orientation", "reuse of one copy", transpose(TransposePolicy::kReuse)},
      {"second orientation", "dual: two stored copies", transpose(TransposePolicy::kDual)},
      {"second orientation", "requantize the first copy", transpose(TransposePolicy::kRequantize)},
      {"second orientation", "quantize a BF16 copy at every load",
       transpose(TransposePolicy::kWideCopy)},
      {"scale of a tensor", "delayed", tensor_scale(TensorScale::kDelayed)},
      {"scale of a tensor", "current: a pass of its own", tensor_scale(TensorScale::kCurrent)},
      {"block shape", "1x32", block({1, 32})},
      {"block shape", "4x4", block({4, 4})},
      {"block shape", "8x8", block({8, 8})},
      {"block shape", "16x16", block({16, 16})},
  };
}

std::vector<Assumption> chip_assumptions() {
  return {
      {"accumulator", "fp32", accumulator(Accumulator::kFp32)},
      {"accumulator", "exact_block", accumulator(Accumulator::kExactBlock)},
      {"accumulator", "bf16", accumulator(Accumulator::kBf16)},
      {"accumulator", "fixed, 24 bits", accumulator(Accumulator::kFixed, 24)},
      {"dataflow", "weight-stationary in every pass", dataflow(Dataflow::kWeightStationary)},
      {"dataflow", "output-stationary in every pass", dataflow(Dataflow::kOutputStationary)},
      {"dataflow", "input-stationary in every pass", dataflow(Dataflow::kInputStationary)},
      {"array", "half the rows and columns", array(1, 2)},
      {"array", "twice the rows and columns", array(2, 1)},
      {"buffer sizes", "half", buffers(1, 2)},
      {"buffer sizes", "double", buffers(2, 1)},
      {"reads by columns", "transposer", columns(TransposedRead::kTransposer)},
      {"reads by columns", "second port", columns(TransposedRead::kSecondPort)},
      {"reads by columns", "gather", columns(TransposedRead::kGather)},
      {"batch", "1", batch(1)},
      {"batch", "8", batch(8)},
      {"batch", "32", batch(32)},
      {"overlap of groups", "on", overlap(GroupOverlap::kOn)},
      {"overlap of groups", "off", overlap(GroupOverlap::kOff)},
      {"equal cost", "equal PEs", equal(EqualCost::kPes)},
      {"equal cost", "equal area, the buffers as they are", equal(EqualCost::kArray)},
  };
}

/// Memory, buffers and what their accesses cost.
std::vector<Assumption> memory_assumptions() {
  return {
      {"DRAM device", "LPDDR4-3200", dram("lpddr4-3200")},
      {"DRAM device", "LPDDR5-6400", dram("lpddr5-6400")},
      {"DRAM device", "DDR4-3200", dram("ddr4-3200")},
      {"DRAM device", "DDR5-4800", dram("ddr5-4800")},
      {"DRAM device", "HBM2", dram("hbm2")},
      {"DRAM background power", "none", scaled(&DramErrors::background_error, 0)},
      {"DRAM background power", "twice", scaled(&DramErrors::background_error, 2)},
      {"DRAM access energy", "half", scaled(&DramErrors::access_error, 0.5)},
      {"DRAM access energy", "twice", scaled(&DramErrors::access_error, 2)},
      {"node", "65 nm", node(65)},
      {"node", "45 nm", node(45)},
      {"node", "32 nm", node(32)},
      {"node", "22 nm", node(22)},
      {"SRAM cell", "low standby power", sram_cell("itrs-lstp")},
      {"SRAM cell", "low operating power", sram_cell("itrs-lop")},
      {"SRAM cell", "high performance", sram_cell("itrs-hp")},
      {"accumulator buffer", "one macro, way to the bank included",
       accumulator_buffer(AccessPrice::kMacro, 1)},
      {"accumulator buffer", "a macro of one bank", accumulator_buffer(AccessPrice::kBank, 1)},
      {"accumulator buffer", "a slice at each array column",
       accumulator_buffer(AccessPrice::kMacro, 0)},
      {"elementwise results", "through the accumulator buffer", stream_buffer(0)},
      {"elementwise results", "through a buffer of 32 KiB of their own", stream_buffer(32768)},
      {"weight update", "after the backward pass", update(UpdatePlacement::kEnd)},
      {"weight update", "fused: gradients of weights never reach DRAM",
       update(UpdatePlacement::kFused)},
      {"SRAM access", "whole macro", sram_access(SramAccess::kMacro)},
      {"SRAM access", "one bank, no way to it", sram_access(SramAccess::kBank)},
  };
}

}  // namespace

const std::vector<Assumption>& assumption_table() {
  static const std::vector<Assumption> table = [] {
    std::vector<Assumption> rows = format_assumptions();
    for (Assumption& each : chip_assumptions()) rows.push_back(std::move(each));
    for (Assumption& each : memory_assumptions()) rows.push_back(std::move(each));
    return rows;
  }();
  return table;
}

}  // namespace mxsim
