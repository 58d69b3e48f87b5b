// A sequencer that takes time for every command bounds the run from below; one that takes longer
// than any command lasts decides its time.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "models/formats/format_parser.h"
#include "models/workload/lower.h"
#include "sim/run/simulation.h"
#include "tests/property/drawn_networks.h"
#include "tests/support/dram_devices.h"
#include "tests/support/tiny_chip.h"

namespace mxsim {
namespace {

using testing::draw;

struct Drawn {
  ChipConfig chip = testing::tiny_chip();
  DramDevice dram = testing::sample_devices().front();
  OpList ops;
  NetworkMapping mapping;  ///< of the chip without issue time

  SimulationResult run(std::int64_t issue_cycles) {
    chip.sequencer.issue_cycles = issue_cycles;
    SimulationRequest request{ops, chip, dram};
    if (!mapping.empty()) request.mapping = &mapping;
    SimulationResult result = simulate(request);
    if (mapping.empty()) mapping = result.mappings;
    return result;
  }
};

Drawn drawn() {
  Drawn it;
  LoweringPolicy policy;
  policy.mode = draw(0, 1) == 0 ? Mode::kInfer : Mode::kTrain;
  policy.wide = parse_format("bf16");
  policy.formats.format = parse_format("mxsf");
  policy.array = it.chip.array;
  it.ops = lower(draw(0, 1) == 0 ? testing::drawn_cnn() : testing::drawn_transformer(), policy);
  return it;
}

std::int64_t commands(const Drawn& it) {
  const MapperChip chip = mapper_chip(it.chip, it.dram, it.ops);
  const RunPlan plan(it.ops, chip, Bytes(it.dram.organisation.capacity_bytes()), it.mapping);
  std::int64_t sum = 0;
  for (ProgramSource source(plan); !source.done();) {
    sum += static_cast<std::int64_t>(source.next(0).commands.size());
  }
  return sum;
}

RC_GTEST_PROP(IssueTime, IsTakenOnceForEveryCommand, ()) {
  constexpr Cycles kLongerThanAnyCommand{50'000};
  Drawn it = drawn();
  const Cycles at_once = it.run(0).cycles;
  const std::int64_t issue = draw(1, 64);
  const Cycles issued(commands(it) * issue);
  RC_ASSERT(it.run(issue).cycles > issued);
  const Cycles longest(commands(it) * kLongerThanAnyCommand.count());
  const SimulationResult slow = it.run(kLongerThanAnyCommand.count());
  RC_ASSERT(slow.cycles > longest);
  RC_ASSERT(slow.cycles <= longest + at_once);
}

RC_GTEST_PROP(IssueTime, IsWhatUnitsWaitFor, ()) {
  Drawn it = drawn();
  it.run(0);
  const SimulationResult slow = it.run(10'000);
  const UnitActivity& array = slow.activity[static_cast<std::size_t>(Unit::kArray)];
  RC_ASSERT(array.stalled.largest() == StallCause::kIssue);
  RC_ASSERT(array.busy + array.stalled.total() + array.idle == slow.cycles);
}

}  // namespace
}  // namespace mxsim
