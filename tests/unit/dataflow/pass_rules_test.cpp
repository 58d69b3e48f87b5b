#include <gtest/gtest.h>

#include <algorithm>

#include "models/dataflow/output_rule.h"
#include "models/dataflow/stationary_rule.h"

namespace mxsim {
namespace {

constexpr std::int64_t kLargest = 5;
constexpr std::int64_t kLatest = 200;  ///< no gap of these small passes is longer

/// Calls visit(spec) for both bufferings and latencies 1 .. 4.
template <class Visit>
void for_each_spec(Visit visit) {
  ArraySpec spec;
  for (const auto buffering : {WeightBuffering::kSingle, WeightBuffering::kDouble}) {
    for (std::int64_t latency = 1; latency <= 4; ++latency) {
      spec.weight_buffering = buffering;
      spec.mac_latency_cycles = latency;
      visit(spec);
    }
  }
}

/// First value of 0 .. kLatest that `legal` accepts.
template <class Legal>
std::int64_t earliest(Legal legal) {
  std::int64_t value = 0;
  while (value <= kLatest && !legal(value)) ++value;
  return value;
}

/// Step of a load in which ports of that pace have handed over vector 0, 1, ...: they do `per_step`
/// units of its `work` in each.
std::int64_t enters(LoadPace pace, std::int64_t vector) {
  std::int64_t step = 0;
  for (std::int64_t done = pace.per_step; done < (vector + 1) * pace.work; done += pace.per_step) {
    ++step;
  }
  return step;
}

/// Whether a load `delay` steps after the start of `pass` spares every register that `pass` still
/// needs, register by register and step by step.
bool load_is_legal(const ArraySpec& spec, LoadPace pace, const StationaryPass& pass,
                   const StationaryPass& next, std::int64_t delay) {
  const std::int64_t latency = spec.mac_latency_cycles;
  for (std::int64_t element = 0; element < next.rows; ++element) {
    for (std::int64_t row = 0; row <= std::min(element, pass.rows - 1); ++row) {
      const std::int64_t write = delay + enters(pace, next.rows - 1 - element) + row;
      const std::int64_t swap = row * latency;
      const std::int64_t last_use = swap + pass.length - 1;
      const bool free =
          spec.weight_buffering == WeightBuffering::kDouble ? write >= swap : write > last_use;
      if (!free) return false;
    }
  }
  return true;
}

bool start_is_legal(const ArraySpec& spec, LoadPace pace, const StationaryPass& pass,
                    const StationaryPass& next, std::int64_t load, std::int64_t gap) {
  const std::int64_t latency = spec.mac_latency_cycles;
  for (std::int64_t row = 0; row < next.rows; ++row) {
    const bool stationary_is_there =
        gap + row * latency > load + enters(pace, next.rows - 1 - row) + row;
    const bool row_is_free =
        row >= pass.rows || gap + row * latency > row * latency + pass.length - 1;
    if (!stationary_is_there || !row_is_free) return false;
  }
  const std::int64_t last_exit = pass.length - 1 + pass.rows * latency - 1;
  const std::int64_t first_exit = gap + next.rows * latency - 1;
  return first_exit > last_exit;
}

/// Every pass after every other of up to so many rows at one pace of loads.
void expect_earliest_starts(const ArraySpec& spec, LoadPace pace) {
  const StationaryRule rule(spec, pace);
  for (std::int64_t rows = 1; rows <= kLargest; ++rows) {
    for (std::int64_t next_rows = 1; next_rows <= kLargest; ++next_rows) {
      for (std::int64_t length = 1; length <= 7; ++length) {
        const StationaryPass pass{rows, 1, length};
        const StationaryPass next{next_rows, 1, length};
        const std::int64_t load = earliest(
            [&](std::int64_t delay) { return load_is_legal(spec, pace, pass, next, delay); });
        ASSERT_EQ(rule.load_delay(pass, next), load);
        ASSERT_EQ(rule.gap(pass, next), earliest([&](std::int64_t gap) {
                    return start_is_legal(spec, pace, pass, next, load, gap);
                  }))
            << rows << " rows, then " << next_rows << ", length " << length << ", latency "
            << spec.mac_latency_cycles << ", pace " << pace.work << "/" << pace.per_step;
      }
    }
  }
}

TEST(StationaryRule, StartsEveryPassInTheEarliestStepThatBreaksNothing) {
  for_each_spec([](const ArraySpec& spec) {
    for (const LoadPace pace : {LoadPace{}, LoadPace{2, 1}, LoadPace{3, 2}, LoadPace{9, 2}}) {
      expect_earliest_starts(spec, pace);
    }
  });
}

/// Step in which `group` of row `row` in column 0 has its last product added.
std::int64_t finish(const ArraySpec& spec, const OutputPass& pass, std::int64_t row,
                    std::int64_t group) {
  const std::int64_t latency = spec.mac_latency_cycles;
  return (pass.length - 1) * latency + group + row + latency - 1;
}

bool start_is_legal(const ArraySpec& spec, const OutputPass& pass, const OutputPass& next,
                    std::int64_t gap) {
  if (gap < pass.length * spec.mac_latency_cycles) return false;
  const std::int64_t first_move = finish(spec, pass, pass.rows - 1, pass.groups - 1) + 1;
  for (std::int64_t row = 0; row < std::min(pass.rows, next.rows); ++row) {
    for (std::int64_t group = 0; group < pass.groups; ++group) {
      // The result of the first place comes through this one last, and leaves it in this step.
      const std::int64_t emptied = first_move + row * pass.groups + group;
      const bool free =
          spec.weight_buffering == WeightBuffering::kDouble
              ? group >= next.groups || gap + finish(spec, next, row, group) >= emptied
              : gap + row > emptied;
      if (!free) return false;
    }
  }
  const std::int64_t last_exit = first_move + pass.rows * pass.groups - 1;
  const std::int64_t first_exit = gap + finish(spec, next, next.rows - 1, next.groups - 1) + 1;
  return first_exit > last_exit;
}

TEST(OutputRule, StartsEveryPassInTheEarliestStepThatBreaksNothing) {
  for_each_spec([](const ArraySpec& spec) {
    const OutputRule rule(spec);
    const std::int64_t latency = spec.mac_latency_cycles;
    for (std::int64_t rows = 1; rows <= kLargest; ++rows) {
      for (std::int64_t next_rows = 1; next_rows <= rows; ++next_rows) {
        for (std::int64_t groups = 1; groups <= latency; ++groups) {
          for (const std::int64_t next_groups : {groups, latency}) {
            for (std::int64_t length = 1; length <= 7; ++length) {
              const OutputPass pass{rows, 1, groups, length};
              const OutputPass next{next_rows, 1, next_groups, length};
              ASSERT_EQ(rule.gap(pass, next), earliest([&](std::int64_t gap) {
                          return start_is_legal(spec, pass, next, gap);
                        }))
                  << rows << "x" << groups << ", then " << next_rows << "x" << next_groups
                  << ", length " << length << ", latency " << latency;
            }
          }
        }
      }
    }
  });
}

}  // namespace
}  // namespace mxsim
