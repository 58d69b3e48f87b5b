#include "models/dataflow/stationary_schedule.h"

#include <algorithm>

#include "models/core/shape.h"
#include "models/dataflow/command_counts.h"

namespace mxsim {

StationarySchedule::StationarySchedule(const ArraySpec& spec, const ArrayCommand& command)
    : reduction(command.k, spec.rows * command.width), width(1, 1), length(0), dot(command.width) {
  const bool ws = command.dataflow == Dataflow::kWeightStationary;
  width = Tiling(ws ? command.n : command.m, spec.cols);
  length = ws ? command.m : command.n;
}

StationaryPass StationarySchedule::pass(std::int64_t index) const {
  return {pe_rows(reduction.length(index / width.count())), width.length(index % width.count()),
          length};
}

namespace {

/// Steps from the first load to the start of the last pass.
std::int64_t last_start(const StationaryRule& rule, const StationarySchedule& schedule,
                        LoadPace pace) {
  const Tiling& rows = schedule.reduction;
  const Tiling& cols = schedule.width;
  // Gaps depend on the rows alone.
  const auto gap = [&](std::int64_t from, std::int64_t to) {
    return rule.gap({schedule.pe_rows(from), 0, schedule.length},
                    {schedule.pe_rows(to), 0, schedule.length});
  };
  std::int64_t start = pace.steps(schedule.pe_rows(rows.front()));
  start += rows.sum([&](std::int64_t r) { return (cols.count() - 1) * gap(r, r); });
  if (rows.full > 1) start += (rows.full - 1) * gap(rows.size, rows.size);
  if (rows.full > 0 && rows.last > 0) start += gap(rows.size, rows.last);
  return start;
}

}  // namespace

std::int64_t stationary_steps(const ArraySpec& spec, const ArrayCommand& command) {
  const StationaryRule rule(spec, command.load);
  const StationarySchedule schedule(spec, command);
  const std::int64_t start = last_start(rule, schedule, command.load);
  const Tiling& cols = schedule.width;
  const std::int64_t last_rows = schedule.pe_rows(schedule.reduction.back());
  const StationaryPass last{last_rows, cols.back(), schedule.length};
  const std::int64_t end = rule.tail(last);
  if (cols.count() == 1) return start + end;
  // A short last pass on a narrow tile can finish before the wider one ahead of it.
  const std::int64_t wide = rule.tail({last_rows, cols.size, schedule.length});
  return start + std::max(end, wide - rule.gap(last, last));
}

// The next command's load ends when its first pass may enter.
std::int64_t stationary_handover(const ArraySpec& spec, const ArrayCommand& command,
                                 const ArrayCommand& next) {
  const StationarySchedule schedule(spec, command);
  const StationaryPass last = schedule.pass(schedule.passes() - 1);
  const StationaryPass first = StationarySchedule(spec, next).pass(0);
  return last_start(StationaryRule(spec, command.load), schedule, command.load) +
         StationaryRule(spec, next.load).gap(last, first) - next.load.steps(first.rows);
}

std::int64_t stationary_least_steps(const ArraySpec& spec, const ArrayCommand& command) {
  const StationarySchedule schedule(spec, command);
  const std::int64_t loads = schedule.width.count() * schedule.pe_rows(command.k);
  return std::max(schedule.passes() * schedule.length, loads);
}

namespace {

/// What crosses one port of the array's border during a command.
struct Crossings {
  std::int64_t elements = 0;
  std::int64_t words = 0;
};

struct StationaryTotals {
  Crossings streamed;
  Crossings stationary;
  Crossings sum_writes;
  Crossings sum_reads;
};

StationaryTotals stationary_totals(const StationarySchedule& schedule, PortWidth streamed,
                                   PortWidth stationary, PortWidth sums, Accumulate accumulate) {
  const Tiling& rows = schedule.reduction;
  const Tiling& cols = schedule.width;
  const auto elements = [](std::int64_t length) { return length; };
  const auto words = [](PortWidth port) {
    return [port](std::int64_t length) { return vector_words(length, port); };
  };
  const std::int64_t k = rows.sum(elements);
  const std::int64_t width = cols.sum(elements);
  const std::int64_t stationary_words =
      cols.sum([&](std::int64_t c) { return reduction_words(k, schedule.dot, c, stationary); });
  const std::int64_t sum_vectors = schedule.length * cols.sum(words(sums));
  const std::int64_t writes = rows.count();
  const std::int64_t reads = accumulate == Accumulate::kAdd ? writes : writes - 1;
  return {{cols.count() * schedule.length * k,
           cols.count() * schedule.length * rows.sum(words(streamed))},
          {k * width, stationary_words},
          {writes * schedule.length * width, writes * sum_vectors},
          {reads * schedule.length * width, reads * sum_vectors}};
}

/// Register moves of a column's elements on their way: those of row i make i + 1.
std::int64_t load_moves(const StationarySchedule& schedule, std::int64_t elements) {
  const std::int64_t rows = schedule.pe_rows(elements);
  const std::int64_t last = elements - (rows - 1) * schedule.dot;
  return schedule.dot * (rows * (rows - 1) / 2) + last * rows;
}

}  // namespace

void count_stationary(const ArraySpec& spec, const ArrayCommand& command, ArrayCost& cost) {
  const bool ws = command.dataflow == Dataflow::kWeightStationary;
  const ArrayPorts& ports = command.ports;
  const StationarySchedule schedule(spec, command);
  const StationaryTotals totals =
      stationary_totals(schedule, ws ? a_port(ports) : b_port(ports),
                        ws ? b_port(ports) : a_port(ports), c_port(ports), command.accumulate);
  const Crossings& a = ws ? totals.streamed : totals.stationary;
  const Crossings& b = ws ? totals.stationary : totals.streamed;
  cost.counts.add(Event::kPass, static_cast<std::uint64_t>(schedule.passes()));
  cost.counts.add(Event::kStationaryLoads, static_cast<std::uint64_t>(totals.stationary.elements));
  const std::int64_t columns = ws ? command.n : command.m;
  const std::int64_t moves =
      schedule.reduction.sum([&](std::int64_t k) { return load_moves(schedule, k); });
  cost.counts.add(Event::kStationaryMoves, static_cast<std::uint64_t>(exact_mul(columns, moves)));
  count_border(
      ports, {a.elements, b.elements, totals.sum_writes.elements, totals.sum_reads.elements}, cost);
  cost.traffic.a_read_words = a.words;
  cost.traffic.b_read_words = b.words;
  cost.traffic.c_read_words = totals.sum_reads.words;
  cost.traffic.c_write_words = totals.sum_writes.words;
}

PortVectors stationary_vectors(const ArraySpec& spec, const ArrayCommand& command) {
  const bool ws = command.dataflow == Dataflow::kWeightStationary;
  const StationarySchedule schedule(spec, command);
  const std::int64_t streamed = schedule.reduction.front();
  const std::int64_t loaded = schedule.width.front() * std::min(schedule.dot, command.k);
  return {ws ? streamed : loaded, ws ? loaded : streamed, schedule.width.front()};
}

std::int64_t stationary_reduction(const ArraySpec& spec, const ArrayCommand& command) {
  return spec.rows * command.width;
}

}  // namespace mxsim
