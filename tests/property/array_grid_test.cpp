// A grid of arrays reads once what its arrays share, whatever the command and the dataflow.
#include "models/dataflow/array_grid.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>

#include "models/dataflow/closed_form.h"
#include "models/dataflow/dataflow_table.h"
#include "models/energy/priced_chip.h"
#include "models/mapping/chip/port_bound.h"
#include "tests/property/drawn_chips.h"
#include "tests/support/technology.h"

namespace mxsim {
namespace {

using testing::draw;

ArraySpec drawn_grid() {
  ArraySpec array;
  array.rows = draw(1, 12);
  array.cols = draw(1, 12);
  array.grid = {draw(1, 4), draw(1, 4)};
  array.mac_latency_cycles = draw(1, 3);
  array.weight_buffering = *rc::gen::element(WeightBuffering::kSingle, WeightBuffering::kDouble);
  return array;
}

ArrayCommand drawn_command() {
  ArrayCommand command;
  command.dataflow = *rc::gen::element(Dataflow::kWeightStationary, Dataflow::kOutputStationary,
                                       Dataflow::kInputStationary);
  command.m = draw(1, 70);
  command.n = draw(1, 70);
  command.k = draw(1, 70);
  command.width = draw(1, 3);
  command.accumulate = draw(0, 1) == 0 ? Accumulate::kOverwrite : Accumulate::kAdd;
  command.ports = {8, 8, 8 * draw(1, 16), 8 * draw(1, 16), 32 * draw(1, 16), 32};
  return command;
}

ArraySpec one_of(ArraySpec array) {
  array.grid = {};
  return array;
}

/// The lengths of the pieces of an axis, each cut off by hand.
std::vector<std::int64_t> pieces(std::int64_t extent, std::int64_t count) {
  const std::int64_t piece = (extent + count - 1) / count;
  std::vector<std::int64_t> lengths;
  for (std::int64_t at = 0; at < extent; at += piece) {
    lengths.push_back(std::min(piece, extent - at));
  }
  return lengths;
}

// Array by array: the first of each grid row reads A, the first of each grid column B.
RC_GTEST_PROP(ArrayGrids, ReadAnOperandOnceForAllArraysThatShareIt, ()) {
  const ArraySpec grid = drawn_grid();
  const ArrayCommand command = drawn_command();
  ArrayTraffic expected;
  std::int64_t taken = 0;
  Cycles longest{0};
  std::uint64_t entering = 0;
  const auto rows = pieces(command.m, grid.grid.rows);
  const auto columns = pieces(command.n, grid.grid.cols);
  for (std::size_t p = 0; p < rows.size(); ++p) {
    for (std::size_t q = 0; q < columns.size(); ++q) {
      ArrayCommand share = command;
      share.m = rows[p];
      share.n = columns[q];
      ArrayCost cost = closed_form(one_of(grid), share);
      longest = std::max(longest, cost.cycles);
      entering += cost.counts[Event::kOperandAReads];
      ArrayTraffic& traffic = cost.traffic;
      if (q > 0) {
        taken += traffic.a_read.count();
        traffic.a_read_words = 0;
        traffic.a_read = Bytes(0);
      }
      if (p > 0) {
        taken += traffic.b_read.count();
        traffic.b_read_words = 0;
        traffic.b_read = Bytes(0);
      }
      expected += traffic;
    }
  }
  const ArrayCost cost = closed_form(grid, command);
  RC_ASSERT(cost.traffic == expected);
  RC_ASSERT(cost.counts[Event::kMulticastBytes] == static_cast<std::uint64_t>(taken));
  RC_ASSERT(cost.counts[Event::kOperandAReads] == entering);
  RC_ASSERT(cost.cycles == longest);
}

RC_GTEST_PROP(ArrayGrids, ReadNoMoreWordsOfOperandsThanTheirLargestArrayTimesTheGrid, ()) {
  const ArraySpec grid = drawn_grid();
  const ArrayCommand command = drawn_command();
  ArrayCommand share = command;
  share.m = pieces(command.m, grid.grid.rows).front();
  share.n = pieces(command.n, grid.grid.cols).front();
  const ArrayTraffic one = closed_form(one_of(grid), share).traffic;
  const ArrayTraffic all = closed_form(grid, command).traffic;
  RC_ASSERT(all.a_read_words <= grid.grid.rows * one.a_read_words);
  RC_ASSERT(all.b_read_words <= grid.grid.cols * one.b_read_words);
}

struct DrawnMachine {
  ArraySpec array = drawn_grid();
  GemmWork work;
  BufferSpec spec;

  DrawnMachine() {
    work.images = draw(1, 200);
    work.channels = draw(1, 200);
    work.n = draw(1, 200);
    work.format_a = work.format_b = parse_format("mxsf");
    spec.banks = std::int64_t{1} << draw(1, 3);
    spec.width_elements = draw(0, 16);
  }
  PortBound bound(std::int64_t groups) const {
    BufferSpec grouped = spec;
    grouped.bank_groups = groups;
    const std::vector<BuiltBuffer> built =
        built_buffers(separate_buffers(grouped, grouped, grouped),
                      buffer_contents({{work.format_a, work.format_b, work.format_a}}, array));
    return port_bound(
        {array, *geometry_of(Unit::kSramInput, built), *geometry_of(Unit::kSramWeight, built),
         *geometry_of(Unit::kSramAccumulator, built), VectorSpec{}},
        Pass::kForward, work);
  }
};

// The ports of a grid keep the pace of those of one array: words and banks of one array's share.
RC_GTEST_PROP(ArrayGrids, TakeTheStepsOfTheirLargestArrayThroughThePortsOfTheirBankGroups, ()) {
  DrawnMachine machine;
  const PortBound grid = machine.bound(0);
  machine.work.images = pieces(machine.work.images, machine.array.grid.rows).front();
  machine.work.n = pieces(machine.work.n, machine.array.grid.cols).front();
  machine.array.grid = {};
  const PortBound one = machine.bound(0);
  RC_ASSERT(grid.cycles == one.cycles);
  RC_ASSERT(grid.unhindered == one.unhindered);
}

RC_GTEST_PROP(ArrayGrids, AreNotSlowerWithMoreBankGroups, ()) {
  const DrawnMachine machine;
  Cycles before = machine.bound(1).cycles;
  for (std::int64_t groups = 2; groups <= machine.array.grid.arrays(); ++groups) {
    const Cycles cycles = machine.bound(groups).cycles;
    RC_ASSERT(cycles <= before);
    before = cycles;
  }
  RC_ASSERT(machine.bound(0).cycles == before);
}

RC_GTEST_PROP(BankGroups, AreNeverCheaperInAreaThanFewer, ()) {
  static const TechnologyTable table = shipped_technology();
  const FormatSpec format = parse_format(*rc::gen::element("bf16", "mxsf", "mxfp4_e2m1"));
  PricedChip chip;
  chip.array.rows = draw(4, 64);
  chip.array.cols = draw(4, 64);
  BufferSpec spec;
  spec.bytes = Bytes(std::int64_t{1024} << draw(0, 14));
  spec.banks = std::int64_t{1} << draw(0, 5);
  spec.width_elements = draw(1, 64);  // a word that follows the array is at most a bank
  double before = 0;
  for (spec.bank_groups = 1; spec.bank_groups <= 12; ++spec.bank_groups) {
    chip.buffers = separate_buffers(spec, spec, spec);
    const double area = chip_area(chip, {{format, format, format}}, table).total_mm2();
    RC_ASSERT(area * (1 + 1e-12) >= before);
    before = area;
  }
}

}  // namespace
}  // namespace mxsim
