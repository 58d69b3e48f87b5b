#include "models/mapping/tiles/array_step.h"

#include <algorithm>
#include <array>
#include <optional>

#include "models/dataflow/array_grid.h"
#include "models/dataflow/dataflow_table.h"
#include "models/memory/column_read.h"

namespace mxsim {
namespace {

/// Vectors that cross the array's border in a step, and what they need of their buffer.
struct Stream {
  const SramGeometry& buffer;
  std::int64_t element_bits;
  std::int64_t useful_bits;  ///< of a word
  std::int64_t accesses;     ///< of a word
  std::optional<TransposedRead> by_columns = {};
  std::optional<ColumnRead> gathered = {};
  std::int64_t words = 0;   ///< in a step
  std::int64_t cycles = 0;  ///< of ports and banks that no other stream uses

  void add(std::int64_t elements, std::int64_t arrays) {
    words += arrays * accesses * ceil_div(elements * element_bits, useful_bits);
    if (gathered) {
      cycles += arrays * gathered->cycles(elements);
    } else if (!buffer.shared_ports()) {
      const std::int64_t bits = useful_bits * words_per_cycle() / accesses;
      cycles += arrays * ceil_div(elements * element_bits, std::max<std::int64_t>(1, bits));
    }
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
Stream operand_stream(const SramGeometry& buffer, std::optional<TransposedRead> by_columns,
                      const FormatSpec& format, Pitch pitch) {
  const std::int64_t bits = format.element_bits;
  if (by_columns != TransposedRead::kGather) {
    return {buffer, bits, buffer.word_bits(), 1, by_columns};
  }
  return {buffer,
          bits,
          std::min(bits, buffer.word_bits()),
          1,
          by_columns,
          ColumnRead{pitch() * bits, buffer.word_bits(), buffer.banks(), buffer.ports()}};
}

/// Neighbours of a column of the left operand are results of neighbouring positions; where a
/// window has several taps, the positions between them are stored too.
std::int64_t left_pitch(const GemmWork& work, const GemmTile& tile) {
  const std::int64_t stride = work.h.kernel * work.w.kernel > 1 ? work.w.stride : 1;
  return left_region(work, tile).cols.count * stride;
}

std::int64_t interval(const std::array<Stream, 3>& streams) {
  std::int64_t interval = 1;
  for (const Stream& stream : streams) {
    std::int64_t together = 0;
    for (const Stream& other : streams) {
      if (stream.shares_ports_with(other)) together += other.words;
    }
    interval = std::max({interval, stream.cycles, ceil_div(together, stream.words_per_cycle())});
  }
  return interval;
}

}  // namespace

void fit_to_ports(const MapperChip& chip, const GemmWork& work, const GemmTile& tile,
                  ArrayCommand& command) {
  const OperandBuffers operands = operand_buffers(chip, work);
  const ColumnReads columns = column_reads(chip, command.dataflow, work);
  std::array<Stream, 3> streams{
      operand_stream(chip.buffer(operands.left), columns.left, work.format_a,
                     [&] { return left_pitch(work, tile); }),
      operand_stream(chip.buffer(operands.right), columns.right, work.format_b,
                     [&] { return right_region(work, tile).cols.count; }),
      Stream{chip.accumulator, partial_sum_bits(command.sum_on(chip.array).accumulator),
             chip.accumulator.word_bits(), 2}};
  auto& [a, b, c] = streams;
  const DataflowInfo& dataflow = info(command.dataflow);
  GridShares(chip.array.grid, command)
      .for_each_kind(command, [&](const ArrayCommand& share, std::int64_t arrays) {
        const PortVectors vectors = dataflow.vectors(chip.array, share);
        a.add(vectors.a, arrays);
        b.add(vectors.b, arrays);
        c.add(vectors.c, arrays);
      });
  command.interval = Cycles(interval(streams));
  command.ports = {a.element_bits, b.element_bits, a.useful_bits,
                   b.useful_bits,  c.useful_bits,  c.element_bits};
}

}  // namespace mxsim
