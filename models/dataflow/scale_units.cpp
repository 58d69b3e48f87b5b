#include "models/dataflow/scale_units.h"

#include <algorithm>
#include <vector>

#include "models/dataflow/output_stationary.h"
#include "models/dataflow/stationary_schedule.h"

namespace mxsim {
namespace {

std::int64_t excess(std::int64_t sums, std::int64_t cycles) {
  return std::max<std::int64_t>(0, sums - cycles);
}

/// Rows hold M: a unit gets the sums of its rows, for every column tile of the pass.
std::int64_t output_stall(const ArraySpec& spec, const ArrayCommand& command, const SumRule& rule) {
  const OutputSchedule schedule(spec, command);
  const std::int64_t cycles = schedule.length * spec.mac_latency_cycles * command.interval.count();
  std::int64_t stall = 0;
  const auto add_row_tile = [&](std::int64_t first, std::int64_t rows, std::int64_t count) {
    std::int64_t most = 0;
    for (std::int64_t unit = 0; unit < rows; unit += spec.pes_per_scale_unit) {
      const std::int64_t end = std::min(rows, unit + spec.pes_per_scale_unit);
      std::int64_t sums = 0;
      rule.blocks().for_each_run(first + unit, first + end, [&](std::int64_t m, std::int64_t of) {
        sums += of * rule.finished(m, command.k);
      });
      most = std::max(most, sums);
    }
    stall += count * schedule.groups.sum(
                         [&](std::int64_t groups) { return excess(most * groups, cycles); });
  };
  const Tiling& tiles = schedule.rows;
  if (!rule.blocks().pieces) {
    if (tiles.full > 0) add_row_tile(0, tiles.size, tiles.full);
    if (tiles.last > 0) add_row_tile(0, tiles.last, 1);
    return stall;
  }
  for (std::int64_t tile = 0; tile < tiles.count(); ++tile) {
    add_row_tile(tile * tiles.size, tiles.length(tile), 1);
  }
  return stall;
}

/// Rows hold K: with each streamed vector a unit gets the sums that end in its rows.
class StationaryStall {
 public:
  StationaryStall(const ArraySpec& spec, const ArrayCommand& command, const SumRule& rule)
      : command_(command),
        rule_(rule),
        schedule_(spec, command),
        unit_elements_(spec.pes_per_scale_unit * schedule_.dot) {
    rule.blocks().for_each_kind(0, command.m, [&](std::int64_t m, std::int64_t rows) {
      kinds_.push_back({m, rows});
    });
  }

  std::int64_t cycles() const {
    std::int64_t stall = 0;
    for (std::int64_t tile = 0; tile < schedule_.reduction.count(); ++tile) {
      const std::int64_t first = tile * schedule_.reduction.size;
      stall += of_pass(first, first + schedule_.reduction.length(tile));
    }
    return stall;
  }

 private:
  /// Sums of a row of results that end within [begin, end) of a pass that ends with `last`.
  std::int64_t ends(std::int64_t m, std::int64_t begin, std::int64_t end, std::int64_t last) const {
    std::int64_t count = 0;
    for (std::int64_t k = begin; k < end; ++k) {
      count += k == last - 1 || rule_.ends_part(m, k) ? 1 : 0;
    }
    return count;
  }

  /// All passes of one tile of the reduction.
  std::int64_t of_pass(std::int64_t first, std::int64_t last) const {
    const bool ws = command_.dataflow == Dataflow::kWeightStationary;
    const std::int64_t cycles = schedule_.length * command_.interval.count();
    if (!ws) return of_columns(first, last, cycles);
    std::int64_t most = 0;
    for (std::int64_t unit = first; unit < last; unit += unit_elements_) {
      const std::int64_t end = std::min(last, unit + unit_elements_);
      std::int64_t sums = 0;
      for (const Kind& kind : kinds_) sums += kind.rows * ends(kind.row, unit, end, last);
      most = std::max(most, sums);
    }
    return schedule_.width.count() * excess(most, cycles);
  }

  /// `is`: a column holds a row of the result, the units of which get as many sums with every
  /// vector.
  std::int64_t of_columns(std::int64_t first, std::int64_t last, std::int64_t cycles) const {
    const ReductionBlocks& blocks = rule_.blocks();
    std::vector<std::int64_t> most(static_cast<std::size_t>(blocks.kinds()));
    for (const Kind& kind : kinds_) {
      std::int64_t& of = most[static_cast<std::size_t>(blocks.kind(kind.row))];
      for (std::int64_t unit = first; unit < last; unit += unit_elements_) {
        of = std::max(of, ends(kind.row, unit, std::min(last, unit + unit_elements_), last));
      }
    }
    std::int64_t stall = 0;
    for (std::int64_t pass = 0; pass < schedule_.width.count(); ++pass) {
      const std::int64_t column = pass * schedule_.width.size;
      std::int64_t busiest = 0;
      blocks.for_each_run(
          column, column + schedule_.width.length(pass), [&](std::int64_t m, std::int64_t) {
            busiest = std::max(busiest, most[static_cast<std::size_t>(blocks.kind(m))]);
          });
      stall += excess(busiest * schedule_.length, cycles);
    }
    return stall;
  }

  /// Rows of results that end alike: one of them, and how many there are.
  struct Kind {
    std::int64_t row;
    std::int64_t rows;
  };

  const ArrayCommand& command_;
  const SumRule& rule_;
  StationarySchedule schedule_;
  std::int64_t unit_elements_;
  std::vector<Kind> kinds_;
};

}  // namespace

Cycles scale_unit_stall(const ArraySpec& spec, const ArrayCommand& command, const SumRule& rule) {
  if (!rule.uses_scale_units()) return Cycles(0);
  if (command.dataflow == Dataflow::kOutputStationary) {
    return Cycles(output_stall(spec, command, rule));
  }
  return Cycles(StationaryStall(spec, command, rule).cycles());
}

}  // namespace mxsim
