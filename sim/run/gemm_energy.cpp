#include "sim/run/gemm_energy.h"

#include "models/energy/energy_model.h"
#include "models/formats/format_parser.h"

namespace mxsim {
namespace {

void count_buffer(EventCounts& counts, std::int64_t reads, Bytes read, std::int64_t writes,
                  Bytes written) {
  counts.add(Event::kSramReads, static_cast<std::uint64_t>(reads));
  counts.add(Event::kSramReadBytes, static_cast<std::uint64_t>(read.count()));
  counts.add(Event::kSramWrites, static_cast<std::uint64_t>(writes));
  counts.add(Event::kSramWriteBytes, static_cast<std::uint64_t>(written.count()));
}

UnitCounts unit_counts(const ArrayCost& cost) {
  UnitCounts counts;
  const ArrayTraffic& traffic = cost.traffic;
  counts[Unit::kArray] = cost.counts;
  count_buffer(counts[Unit::kSramInput], traffic.a_read_words, traffic.a_read, 0, Bytes(0));
  count_buffer(counts[Unit::kSramWeight], traffic.b_read_words, traffic.b_read, 0, Bytes(0));
  count_buffer(counts[Unit::kSramAccumulator], traffic.c_read_words, traffic.c_read,
               traffic.c_write_words, traffic.c_write);
  return counts;
}

}  // namespace

EnergyBreakdown gemm_energy(const GemmRequest& request, const ArrayCost& cost) {
  const ChipConfig& chip = *request.chip;
  PricedChip priced;
  priced.array = request.array;
  priced.buffers = chip.buffers;
  priced.vector.lanes = 0;
  priced.requant.lanes = 0;
  priced.clock_hz = static_cast<double>(chip.clock_hz);
  const WorkFormats formats{request.a_layout.format, request.b_layout.format, parse_format("fp32")};
  const EnergyModel model(priced, {formats}, chip.technology.table, DramCosts{});
  const double time_s = static_cast<double>(cost.cycles.count()) / priced.clock_hz;
  return energy(unit_counts(cost), time_s, model.prices(formats));
}

}  // namespace mxsim
