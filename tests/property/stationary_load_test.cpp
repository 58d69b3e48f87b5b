// Ports hand over a stationary load once a pass, whatever the array, its buffers and the dataflow.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "models/dataflow/closed_form.h"
#include "models/dataflow/stationary_schedule.h"
#include "models/memory/built_buffer.h"
#include "tests/property/drawn_chips.h"

namespace mxsim {
namespace {

using testing::draw;

/// Ports of the two slots' banks; words of 8, 16 and 32 bits an element.
MapperChip chip_of(const ArraySpec& array, const BufferSpec& input, const BufferSpec& weight) {
  BufferSpec sums{Bytes(65536), 2, 1024};
  const std::vector<BuiltBuffer> built =
      built_buffers(separate_buffers(input, weight, sums), {{8}, {8}, {32}});
  return {array, *geometry_of(Unit::kSramInput, built), *geometry_of(Unit::kSramWeight, built),
          *geometry_of(Unit::kSramAccumulator, built), VectorSpec{}};
}

RC_GTEST_PROP(StationaryLoads, CostNoMoreThanTheirPortTimeOnceAPass, ()) {
  ArraySpec array;
  array.rows = draw(1, 16);
  array.cols = draw(1, 64);
  array.mac_latency_cycles = draw(1, 3);
  array.weight_buffering = *rc::gen::element(WeightBuffering::kSingle, WeightBuffering::kDouble);
  array.dot_product = {{24, std::int64_t{1} << draw(0, 4)}};
  const bool ws = draw(0, 1) == 0;
  array.dataflow.forward = ws ? Dataflow::kWeightStationary : Dataflow::kInputStationary;
  const BufferSpec wide{Bytes(65536), 2, 1024};
  const BufferSpec narrow{Bytes(65536), 2, std::int64_t{1} << draw(0, 5)};

  GemmWork work;
  work.images = draw(1, 300);
  work.channels = draw(1, 300);
  work.n = draw(1, 300);
  work.format_a = work.format_b = parse_format("mxsf");
  const GemmTile tile{.images = {0, work.images},
                      .h = {0, 1},
                      .w = {0, 1},
                      .channels = {0, work.channels},
                      .n = {0, work.n}};
  const auto cost = [&](const BufferSpec& loaded) {
    const MapperChip chip = ws ? chip_of(array, wide, loaded) : chip_of(array, loaded, wide);
    const ArrayCommand command =
        array_command(chip, Pass::kForward, work, tile, Accumulate::kOverwrite);
    RC_ASSERT(command.interval == Cycles(1));
    return std::pair(closed_form(chip.array, command), StationarySchedule(array, command));
  };
  const auto [fast, schedule] = cost(wide);
  const auto [slow, same] = cost(narrow);
  // Of the two banks one is the loaded slot's; every pass loads a vector for each row that it uses.
  const std::int64_t vector_cycles = ceil_div(
      schedule.width.front() * std::min(schedule.dot, work.channels), narrow.width_elements);
  const std::int64_t a_pass = schedule.pe_rows(schedule.reduction.front()) * vector_cycles;
  RC_ASSERT(slow.cycles >= fast.cycles);
  RC_ASSERT(slow.cycles - fast.cycles <= Cycles(schedule.passes() * a_pass));
  RC_ASSERT(slow.port_stall == slow.cycles - fast.cycles);
  if (array.weight_buffering == WeightBuffering::kDouble && array.mac_latency_cycles == 1 &&
      a_pass <= schedule.length) {
    RC_ASSERT(slow.cycles - fast.cycles <= Cycles(a_pass));  // the first; others hide
  }
}

}  // namespace
}  // namespace mxsim
