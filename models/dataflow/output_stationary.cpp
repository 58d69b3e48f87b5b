#include "models/dataflow/output_stationary.h"

#include <algorithm>

#include "models/dataflow/command_counts.h"

namespace mxsim {

// PE (i, j) adds C[m0 + i, n0 + g * cols + j] of every group g. At step t of a pass row 0 gets
// A[m0, t / latency] and column 0 B[t / latency, n0 + (t % latency) * cols].
OutputSchedule::OutputSchedule(const ArraySpec& spec, const ArrayCommand& command)
    : rows(command.m, spec.rows),
      cols(command.n, spec.cols),
      groups(cols.count(), spec.mac_latency_cycles),
      length(command.reduction_steps()) {}

OutputPass OutputSchedule::pass(std::int64_t index) const {
  const std::int64_t inner = index % groups.count();
  return {rows.length(index / groups.count()), cols.length(inner * groups.size),
          groups.length(inner), length};
}

namespace {

/// Steps from the start of the first pass to the start of the last.
std::int64_t starts(const OutputRule& rule, const OutputSchedule& s) {
  const auto gap = [&](std::int64_t r, std::int64_t g, std::int64_t next_r, std::int64_t next_g) {
    return rule.gap({r, 0, g, s.length}, {next_r, 0, next_g, s.length});
  };
  const std::int64_t front = s.groups.front();
  const std::int64_t back = s.groups.back();
  const auto along_row = [&](std::int64_t r) {
    const std::int64_t full_gaps = std::max<std::int64_t>(s.groups.full - 1, 0);
    std::int64_t steps = full_gaps > 0 ? full_gaps * gap(r, front, r, front) : 0;
    if (s.groups.full > 0 && s.groups.last > 0) steps += gap(r, front, r, back);
    return steps;
  };
  std::int64_t steps = s.rows.sum(along_row);
  if (s.rows.full > 1) steps += (s.rows.full - 1) * gap(s.rows.size, back, s.rows.size, front);
  if (s.rows.full > 0 && s.rows.last > 0) steps += gap(s.rows.size, back, s.rows.last, front);
  return steps;
}

std::int64_t steps(const ArraySpec& spec, const ArrayCommand& command) {
  const OutputRule rule(spec);
  const OutputSchedule schedule(spec, command);
  const std::int64_t count = schedule.passes();
  const OutputPass last = schedule.pass(count - 1);
  const std::int64_t start = starts(rule, schedule);
  if (schedule.groups.count() == 1) return start + rule.tail(last);
  // A last pass on a narrow tile can finish before the wider one ahead of it.
  const OutputPass before = schedule.pass(count - 2);
  return start + std::max(rule.tail(last), rule.tail(before) - rule.gap(before, last));
}

std::int64_t handover(const ArraySpec& spec, const ArrayCommand& command,
                      const ArrayCommand& next) {
  const OutputRule rule(spec);
  const OutputSchedule schedule(spec, command);
  const OutputPass last = schedule.pass(schedule.passes() - 1);
  return starts(rule, schedule) + rule.gap(last, OutputSchedule(spec, next).pass(0));
}

std::int64_t least_steps(const ArraySpec& spec, const ArrayCommand& command) {
  const OutputSchedule schedule(spec, command);
  return schedule.passes() * schedule.length * spec.mac_latency_cycles;
}

void count(const ArraySpec& spec, const ArrayCommand& command, ArrayCost& cost) {
  const std::int64_t m = command.m, n = command.n, k = command.k;
  const OutputSchedule schedule(spec, command);
  const ArrayPorts& ports = command.ports;
  const bool adds = command.accumulate == Accumulate::kAdd;
  const auto words = [&](PortWidth port) {
    return [=](std::int64_t lanes) { return reduction_words(k, command.width, lanes, port); };
  };
  cost.counts.add(Event::kPass, static_cast<std::uint64_t>(schedule.passes()));
  count_border(ports,
               {.a_reads = m * k * schedule.groups.count(),
                .b_reads = k * n * schedule.rows.count(),
                .sum_writes = m * n,
                .sum_reads = adds ? m * n : 0},
               cost);
  cost.traffic.a_read_words = schedule.groups.count() * schedule.rows.sum(words(a_port(ports)));
  cost.traffic.b_read_words = schedule.rows.count() * schedule.cols.sum(words(b_port(ports)));
  cost.traffic.c_write_words = m * schedule.cols.sum([&](std::int64_t length) {
    return vector_words(length, c_port(ports));
  });
  cost.traffic.c_read_words = adds ? cost.traffic.c_write_words : 0;
}

PortVectors vectors(const ArraySpec& spec, const ArrayCommand& command) {
  const OutputSchedule schedule(spec, command);
  const std::int64_t dot = std::min(command.width, command.k);
  return {schedule.rows.front() * dot, schedule.cols.front() * dot, schedule.cols.front()};
}

std::int64_t pass_reduction(const ArraySpec&, const ArrayCommand& command) { return command.k; }

}  // namespace

DataflowInfo output_stationary() {
  return {Dataflow::kOutputStationary,
          "os",
          "rows hold M, columns hold N, K is streamed past the partial sums",
          steps,
          handover,
          least_steps,
          count,
          vectors,
          pass_reduction};
}

}  // namespace mxsim
