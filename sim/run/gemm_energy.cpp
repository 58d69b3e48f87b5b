#include "sim/run/gemm_energy.h"

#include <algorithm>

#include "models/core/error.h"
#include "models/energy/energy_model.h"
#include "models/formats/format_parser.h"
#include "models/mapping/tiles/vector_axes.h"

namespace mxsim {
namespace {

void count_buffer(EventCounts& counts, std::int64_t reads, Bytes read, std::int64_t writes,
                  Bytes written) {
  counts.add(Event::kSramReads, static_cast<std::uint64_t>(reads));
  counts.add(Event::kSramReadBytes, static_cast<std::uint64_t>(read.count()));
  counts.add(Event::kSramWrites, static_cast<std::uint64_t>(writes));
  counts.add(Event::kSramWriteBytes, static_cast<std::uint64_t>(written.count()));
}

void count_operand(EventCounts& counts, std::int64_t words, Bytes read, VectorAxis axis,
                   const BufferSpec& buffer) {
  count_buffer(counts, words, read, 0, Bytes(0));
  const bool transposed =
      axis == VectorAxis::kAcrossRows && buffer.transposed_read == TransposedRead::kTransposer;
  if (transposed) counts.add(Event::kTransposedBytes, static_cast<std::uint64_t>(read.count()));
}

const BufferSpec& buffer_of(BufferRole role, const BufferSet& buffers) {
  const auto serving = std::find_if(buffers.begin(), buffers.end(),
                                    [&](const auto& each) { return each.second.serves(role); });
  ensure(serving != buffers.end(), "a role that no buffer serves");
  return serving->second;
}

/// Both operands are stored row by row.
UnitCounts unit_counts(const GemmRequest& request, const ArrayCost& cost) {
  const VectorAxes axes = vector_axes(request.dataflow, GemmWork{});
  const BufferSet& buffers = request.chip->buffers;
  UnitCounts counts;
  const ArrayTraffic& traffic = cost.traffic;
  counts[Unit::kArray] = cost.counts;
  count_operand(counts[Unit::kSramInput], traffic.a_read_words, traffic.a_read, axes.left,
                buffer_of(BufferRole::kActivations, buffers));
  count_operand(counts[Unit::kSramWeight], traffic.b_read_words, traffic.b_read, axes.right,
                buffer_of(BufferRole::kWeights, buffers));
  count_buffer(counts[Unit::kSramAccumulator], traffic.c_read_words, traffic.c_read,
               traffic.c_write_words, traffic.c_write);
  return counts;
}

}  // namespace

ArraySpec array_of(const GemmRequest& request) {
  ArraySpec array = request.array;
  array.dataflow = {request.dataflow, request.dataflow, request.dataflow};
  return array;
}

WorkFormats formats_of(const GemmRequest& request) {
  return {request.a_layout.format, request.b_layout.format, parse_format("fp32")};
}

EnergyBreakdown gemm_energy(const GemmRequest& request, const ArrayCost& cost) {
  const ChipConfig& chip = *request.chip;
  PricedChip priced;
  priced.array = array_of(request);
  priced.buffers = chip.buffers;
  priced.vector.lanes = 0;
  priced.requant.lanes = 0;
  priced.clock_hz = static_cast<double>(chip.clock_hz);
  const WorkFormats formats = formats_of(request);
  const EnergyModel model(priced, {formats}, chip.technology.table, DramCosts{});
  const double time_s = static_cast<double>(cost.cycles.count()) / priced.clock_hz;
  return energy(unit_counts(request, cost), time_s, model.prices(formats));
}

}  // namespace mxsim
