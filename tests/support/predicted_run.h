#pragma once

#include <gtest/gtest.h>

#include <array>

#include "sim/run/simulation.h"

namespace mxsim::testing {

/// Every group of a run on an ideal DRAM takes the predicted cycles.
inline void expect_predicted(const SimulationResult& run, const OpList& ops) {
  EXPECT_EQ(run.cycles, run.predicted.cycles);
  ASSERT_EQ(run.groups.size(), run.predicted.groups.size());
  for (std::size_t i = 0; i < run.groups.size(); ++i) {
    EXPECT_EQ(run.groups[i].cycles, run.predicted.groups[i])
        << ops.groups[i].layer << " " << to_string(ops.groups[i].pass);
  }
}

/// The commands of a plan finish in the predicted cycles, and those whose unit was free begin in
/// them, unit by unit.
inline void expect_predicted_commands(const Timeline& timeline, const RunPrediction& predicted) {
  std::array<std::vector<Timeline::Span>, kUnitCount> work;
  for (const Timeline::Span& span : timeline.spans()) {
    std::vector<Timeline::Span>& unit = work[static_cast<std::size_t>(span.unit)];
    if (!span.stall) {
      unit.push_back(span);
    } else if (!span.what.empty()) {  // the end of a command that ports held up
      unit.back().end = span.end;
    }
  }
  std::array<std::size_t, kUnitCount> next{};
  std::array<Cycles, kUnitCount> free{};
  for (std::size_t id = 0; id < predicted.commands.size(); ++id) {
    const PredictedCommand& command = predicted.commands[id];
    const auto unit = static_cast<std::size_t>(command.unit);
    ASSERT_LT(next[unit], work[unit].size());
    const Timeline::Span& span = work[unit][next[unit]++];
    ASSERT_EQ(span.begin, std::max(command.begin, free[unit])) << id << " " << span.what;
    ASSERT_EQ(span.end, command.end) << id << " " << span.what;
    ASSERT_EQ(span.label, command.group) << id << " " << span.what;
    free[unit] = command.end;
  }
  for (std::size_t unit = 0; unit < kUnitCount; ++unit) EXPECT_EQ(next[unit], work[unit].size());
}

}  // namespace mxsim::testing
