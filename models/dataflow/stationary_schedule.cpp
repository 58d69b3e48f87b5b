#include "models/dataflow/stationary_schedule.h"

#include <algorithm>

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

std::int64_t stationary_steps(const StationaryRule& rule, const StationarySchedule& schedule) {
  const Tiling& rows = schedule.reduction;
  const Tiling& cols = schedule.width;
  // Gaps depend on the rows alone.
  const auto gap = [&](std::int64_t from, std::int64_t to) {
    return rule.gap({schedule.pe_rows(from), 0, schedule.length},
                    {schedule.pe_rows(to), 0, schedule.length});
  };
  std::int64_t start = schedule.pe_rows(rows.front());
  start += rows.sum([&](std::int64_t r) { return (cols.count() - 1) * gap(r, r); });
  if (rows.full > 1) start += (rows.full - 1) * gap(rows.size, rows.size);
  if (rows.full > 0 && rows.last > 0) start += gap(rows.size, rows.last);

  const std::int64_t last_rows = rows.back();
  const std::int64_t end = rule.tail({schedule.pe_rows(last_rows), cols.back(), schedule.length});
  if (cols.count() == 1) return start + end;
  // A short last pass on a narrow tile can finish before the wider one ahead of it.
  const std::int64_t wide = rule.tail({schedule.pe_rows(last_rows), cols.size, schedule.length});
  return start + std::max(end, wide - gap(last_rows, last_rows));
}

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
  const std::int64_t sum_vectors = schedule.length * cols.sum(words(sums));
  const std::int64_t writes = rows.count();
  const std::int64_t reads = accumulate == Accumulate::kAdd ? writes : writes - 1;
  return {.streamed_reads = cols.count() * schedule.length * k,
          .streamed_words = cols.count() * schedule.length * rows.sum(words(streamed)),
          .stationary_reads = k * width,
          .stationary_words = cols.sum(
              [&](std::int64_t c) { return reduction_words(k, schedule.dot, c, stationary); }),
          .sum_writes = writes * schedule.length * width,
          .sum_write_words = writes * sum_vectors,
          .sum_reads = reads * schedule.length * width,
          .sum_read_words = reads * sum_vectors};
}

}  // namespace mxsim
