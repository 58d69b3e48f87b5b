#include "models/mapping/chip/array_step.h"

#include <algorithm>
#include <optional>
#include <vector>

#include "models/arithmetic/dot_product.h"
#include "models/arithmetic/exact_sums.h"
#include "models/dataflow/array_grid.h"
#include "models/dataflow/closed_form.h"
#include "models/dataflow/dataflow_table.h"
#include "models/mapping/chip/port_bound.h"
#include "models/memory/column_read.h"

namespace mxsim {
namespace {

/// Vectors that cross the array's border in a step, and what they need of their buffer.
struct Stream {
  Unit unit;
  const SramGeometry& buffer;
  std::int64_t element_bits;
  std::int64_t useful_bits;  ///< of a word
  std::int64_t accesses;     ///< of a word
  std::optional<TransposedRead> by_columns = {};
  std::optional<ColumnRead> gathered = {};
  std::int64_t words = 0;    ///< of all vectors of a step
  std::int64_t vectors = 0;  ///< of a step: those that several arrays share count once
  std::int64_t longest = 0;  ///< elements of a vector

  void add(std::int64_t elements, std::int64_t count) {
    if (count == 0) return;
    longest = std::max(longest, elements);
    vectors += count;
    words += count * words_of(elements);
  }
  std::int64_t longest_bits() const { return longest * element_bits; }
  std::int64_t words_of(std::int64_t elements) const {
    return accesses * ceil_div(elements * element_bits, useful_bits);
  }
  /// Of ports and banks that no other stream uses: those of the group with the most vectors.
  std::int64_t own_cycles() const {
    const std::int64_t in_group = ceil_div(vectors, buffer.groups());
    if (gathered) return in_group * gathered->cycles(longest);
    if (buffer.shared_ports()) return 0;
    const std::int64_t group_words = words_per_cycle() / buffer.groups();
    const std::int64_t bits = std::max<std::int64_t>(1, useful_bits * group_words / accesses);
    const std::int64_t alone = ceil_div(longest_bits(), bits);
    if (in_group == 1) return alone;
    return std::max(alone, ceil_div(in_group * words_of(longest), group_words));
  }
  bool has_column_ports() const { return by_columns == TransposedRead::kSecondPort; }
  std::int64_t words_per_cycle() const {
    return has_column_ports() ? buffer.banks() : buffer.words_per_cycle();
  }
  bool shares_ports_with(const Stream& other) const {
    return buffer.shared_ports() && buffer.shared_ports() == other.buffer.shared_ports() &&
           has_column_ports() == other.has_column_ports();
  }
};

/// `pitch` says how many elements lie from one element of a gathered column to the next.
template <class Pitch>
Stream operand_stream(const MapperChip& chip, Unit unit, std::optional<TransposedRead> by_columns,
                      const FormatSpec& format, Pitch pitch) {
  const SramGeometry& buffer = chip.buffer(unit);
  const std::int64_t bits = format.element_bits;
  if (by_columns != TransposedRead::kGather) {
    return {unit, buffer, bits, buffer.word_bits(), 1, by_columns};
  }
  return {unit,
          buffer,
          bits,
          std::min(bits, buffer.word_bits()),
          1,
          by_columns,
          ColumnRead{pitch() * bits, buffer.word_bits(), buffer.banks() / buffer.groups(),
                     buffer.ports()}};
}

/// Neighbours of a column of the left operand are results of neighbouring positions; where a
/// window has several taps, the positions between them are stored too.
std::int64_t left_pitch(const GemmWork& work, const GemmTile& tile) {
  const std::int64_t stride = work.h.kernel * work.w.kernel > 1 ? work.w.stride : 1;
  return left_region(work, tile).cols.count * stride;
}

/// What crosses the border of all arrays of a grid.
struct Crossing {
  std::vector<Stream> streams;  ///< a vector of each in every step
  std::optional<Stream> load;   ///< of the stationary operand

  /// Words that ports shared with `stream` move in a step.
  std::int64_t words_beside(const Stream& stream) const {
    std::int64_t words = 0;
    for (const Stream& other : streams) {
      if (stream.shares_ports_with(other)) words += other.words;
    }
    return words;
  }
};

/// Of a step that moves a vector of the stream and all vectors that share its ports.
std::int64_t least_cycles(const Crossing& crossing, const Stream& stream) {
  return std::max(stream.own_cycles(),
                  ceil_div(crossing.words_beside(stream), stream.words_per_cycle()));
}

std::int64_t least_interval(const Crossing& crossing) {
  std::int64_t interval = 1;
  for (const Stream& stream : crossing.streams) {
    interval = std::max(interval, least_cycles(crossing, stream));
  }
  return interval;
}

LoadPace pace(const Crossing& crossing, std::int64_t interval) {
  if (!crossing.load) return {};
  const Stream& load = *crossing.load;
  LoadPace pace;
  if (load.own_cycles() > interval) pace = {load.own_cycles(), interval};
  if (!load.buffer.shared_ports()) return pace;
  const std::int64_t left = interval * load.words_per_cycle() - crossing.words_beside(load);
  const LoadPace shared{load.words, left};
  return shared.is_slow() && shared.is_slower_than(pace) ? shared : pace;
}

/// The longer a step, the more words of shared ports do streams leave to loads.
void choose_step(const ArraySpec& array, const Crossing& crossing, ArrayCommand& command) {
  std::int64_t first = least_interval(crossing);
  std::int64_t last = first;
  if (crossing.load && crossing.load->buffer.shared_ports()) {
    const Stream& load = *crossing.load;
    const std::int64_t streamed = crossing.words_beside(load);
    last = std::max(first, ceil_div(streamed + load.words, load.words_per_cycle()));
    if (first * load.words_per_cycle() == streamed) ++first;
  }
  std::int64_t least = INT64_MAX;
  ArrayCommand each = command;
  for (std::int64_t interval = first; interval <= last; ++interval) {
    each.interval = Cycles(interval);
    each.load = pace(crossing, interval);
    const std::int64_t cycles = interval * array_steps(array, each);
    if (cycles >= least) continue;
    least = cycles;
    command.interval = each.interval;
    command.load = each.load;
  }
}

/// Enters the words of the buffers into the command.
Crossing crossing_of(const MapperChip& chip, const GemmWork& work, const GemmTile& tile,
                     ArrayCommand& command) {
  const OperandBuffers operands = operand_buffers(chip, work);
  const ColumnReads columns = column_reads(chip, command.dataflow, work);
  Stream a = operand_stream(chip, operands.left, columns.left, work.format_a,
                            [&] { return left_pitch(work, tile); });
  Stream b = operand_stream(chip, operands.right, columns.right, work.format_b,
                            [&] { return right_region(work, tile).cols.count; });
  Stream c{Unit::kSramAccumulator, chip.accumulator,
           partial_sum_bits(command.sum_on(chip.array).accumulator), chip.accumulator.word_bits(),
           2};
  const DataflowInfo& dataflow = info(command.dataflow);
  GridShares(chip.array.grid, command)
      .for_each_kind(command, [&](const ArrayCommand& share, const ShareCount& count) {
        const PortVectors vectors = dataflow.vectors(chip.array, share);
        a.add(vectors.a, count.rows);
        b.add(vectors.b, count.columns);
        c.add(vectors.c, count.arrays);
      });
  Crossing crossing;
  const auto place = [&](const Stream& stream, StationaryOperand side) {
    if (dataflow.stationary == side) {
      crossing.load.emplace(stream);
    } else {
      crossing.streams.push_back(stream);
    }
  };
  place(a, StationaryOperand::kA);
  place(b, StationaryOperand::kB);
  crossing.streams.push_back(c);
  command.ports = {a.element_bits, b.element_bits, a.useful_bits,
                   b.useful_bits,  c.useful_bits,  c.element_bits};
  return crossing;
}

/// The stream that needs the most cycles in a step, or the load if it takes longer still.
const Stream& slowest(const Crossing& crossing, const ArrayCommand& command) {
  const Stream* slowest = &crossing.streams.front();
  for (const Stream& stream : crossing.streams) {
    if (least_cycles(crossing, stream) > least_cycles(crossing, *slowest)) slowest = &stream;
  }
  return command.load.is_slow() && crossing.load ? *crossing.load : *slowest;
}

}  // namespace

void fit_to_ports(const MapperChip& chip, const GemmWork& work, const GemmTile& tile,
                  ArrayCommand& command) {
  choose_step(chip.array, crossing_of(chip, work, tile, command), command);
}

PortBound port_bound(const MapperChip& chip, Pass pass, const GemmWork& work) {
  if (work.taps() == 0) return {};
  const GemmTile whole{.images = {0, work.images},
                       .h = {0, work.h.out},
                       .w = {0, work.w.out},
                       .channels = {0, work.channels},
                       .n = {0, work.n}};
  const GemmExtents size = extents(work, whole);
  ArrayCommand command;
  command.dataflow = chip.array.dataflow[pass];
  command.m = size.m;
  command.n = size.n;
  command.k = size.k;
  command.width = dot_product_width(chip.array, work.format_a, work.format_b);
  command.sum = sum_of(chip.array, work.format_a, work.format_b);
  const Crossing crossing = crossing_of(chip, work, whole, command);
  choose_step(chip.array, crossing, command);
  const Stream& stream = slowest(crossing, command);
  return {stream.unit, stream.longest_bits(), stream.gathered.has_value(),
          command.interval * (work.products() * array_steps(chip.array, command)),
          Cycles(work.products() * steps_without_slow_loads(chip.array, command))};
}

}  // namespace mxsim
