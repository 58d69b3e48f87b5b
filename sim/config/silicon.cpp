#include "sim/config/silicon.h"

#include "models/energy/iso_area.h"
#include "models/workload/lower.h"

namespace mxsim {
namespace {

std::vector<WorkFormats> formats_in_use(const RunConfig& run) {
  return formats_in_use(lower(run.workload, lowering_policy(run)));
}

}  // namespace

PricedChip priced_chip(const ChipConfig& chip) {
  return {chip.array,
          chip.buffers,
          chip.vector,
          chip.requant,
          static_cast<double>(chip.clock_hz),
          chip.post_processor};
}

double silicon_mm2(const RunConfig& run) {
  return chip_area(priced_chip(run.chip), formats_in_use(run), run.chip.technology.table)
      .total_mm2();
}

RunConfig sized_to_silicon(RunConfig run, double area_mm2, std::int64_t edge) {
  const PricedChip sized = sized_to_area(priced_chip(run.chip), formats_in_use(run),
                                         run.chip.technology.table, area_mm2, edge);
  run.chip.array = sized.array;
  return run;
}

SizeSpace size_space(const RunConfig& run, double area_mm2, std::int64_t edge) {
  return {priced_chip(run.chip), formats_in_use(run), run.chip.technology.table, area_mm2, edge};
}

}  // namespace mxsim
