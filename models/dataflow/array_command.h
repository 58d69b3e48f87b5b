#pragma once

#include <algorithm>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "models/chip/chip_spec.h"
#include "models/core/event.h"
#include "models/core/units.h"
#include "models/dataflow/window_pieces.h"

namespace mxsim {

/// What the first k-pass of a command does with the accumulator buffer. Later passes always add.
enum class Accumulate : std::uint8_t { kOverwrite, kAdd };

/// Blocks of shared scale along the reduction. Element k of the command is element offset + k of
/// the left operand's axis and offset + b_shift + k (not negative) of the right one's; blocks start
/// at multiples of their length. Length 0: the operand has no block scale or no exact integer view,
/// and every product is added in FP32.
///
/// With `pieces` (windows) the rows of the result differ: exact sums of row m end where those of
/// its kind do, the offsets have no meaning, and no sum is longer than the shorter length.
struct ReductionBlocks {
  std::int64_t a_length = 0;
  std::int64_t b_length = 0;
  std::int64_t offset = 0;
  std::int64_t b_shift = 0;
  std::shared_ptr<const WindowPieces> pieces = {};
  std::int64_t rows_per_tap = 1;  ///< of a weight gradient: neighbouring rows of one kind
  std::int64_t first_row = 0;

  std::int64_t kinds() const { return pieces ? pieces->kinds() : 1; }
  std::int64_t kind(std::int64_t m) const {
    return pieces ? pieces->kind((first_row + m) / rows_per_tap) : 0;
  }

  /// Calls visit(row, rows) for each run of rows of one kind, out of rows [begin, end).
  template <class Visit>
  void for_each_run(std::int64_t begin, std::int64_t end, Visit visit) const {
    const auto after = [&](std::int64_t m) {
      return pieces ? ((first_row + m) / rows_per_tap + 1) * rows_per_tap - first_row : end;
    };
    while (begin < end) {
      std::int64_t next = after(begin);
      while (next < end && kind(next) == kind(begin)) next = after(next);
      next = std::min(next, end);
      visit(begin, next - begin);
      begin = next;
    }
  }

  /// Calls visit(row, rows) for each kind among rows [begin, end): its first row and how many it
  /// has.
  template <class Visit>
  void for_each_kind(std::int64_t begin, std::int64_t end, Visit visit) const {
    struct Rows {
      std::int64_t first = 0;
      std::int64_t count = 0;
    };
    std::vector<Rows> all(static_cast<std::size_t>(kinds()));
    for_each_run(begin, end, [&](std::int64_t m, std::int64_t rows) {
      Rows& of = all[static_cast<std::size_t>(kind(m))];
      if (of.count == 0) of.first = m;
      of.count += rows;
    });
    for (const Rows& rows : all) {
      if (rows.count > 0) visit(rows.first, rows.count);
    }
  }
};

/// Widths that turn vectors of elements into words of the three buffers.
struct ArrayPorts {
  std::int64_t a_element_bits = 8;
  std::int64_t b_element_bits = 8;
  std::int64_t a_word_bits = 256;
  std::int64_t b_word_bits = 256;
  std::int64_t c_word_bits = 1024;
  std::int64_t c_element_bits = 32;  ///< partial_sum_bits() of the accumulator
};

/// How fast ports hand over the vectors of a stationary load: a vector is `work` units, words or
/// cycles, of which the ports do `per_step` in an array step beside the streams. The array takes at
/// most one vector a step.
struct LoadPace {
  std::int64_t work = 1;
  std::int64_t per_step = 1;

  /// Steps from the start of a load until the ports have handed over so many vectors.
  std::int64_t steps(std::int64_t vectors) const { return ceil_div(vectors * work, per_step); }
  /// Vectors handed over in so many steps.
  std::int64_t vectors(std::int64_t steps) const { return steps * per_step / work; }
  bool is_slow() const { return work > per_step; }
  bool is_slower_than(const LoadPace& other) const {
    return work * other.per_step > other.work * per_step;
  }
};

/// One on-chip tile: C[m, n] (+)= A[m, k] B[k, n]. It starts on an idle array or behind its
/// predecessor (command_chain.h) and ends when its last result has left; its passes follow one
/// another as its dataflow's rule says.
struct ArrayCommand {
  Dataflow dataflow = Dataflow::kWeightStationary;
  std::int64_t m = 1;
  std::int64_t n = 1;
  std::int64_t k = 1;
  Accumulate accumulate = Accumulate::kOverwrite;
  std::int64_t width = 1;  ///< neighbouring products of a result that a PE adds in one step
  /// Core cycles of one array step: > 1 where the ports of streamed operands or of partial sums are
  /// too narrow.
  Cycles interval{1};
  LoadPace load;  ///< of stationary operands, once a pass
  ReductionBlocks blocks;
  ArrayPorts ports;
  std::optional<SumFormat> sum;  ///< of the operands' formats; nothing: the array's own
  /// Share of the products that has a zero operand, as stated; nothing: counted in the operands.
  std::optional<double> zero_products;

  SumFormat sum_on(const ArraySpec& spec) const { return sum.value_or(spec.sum()); }

  /// Steps in which a PE takes the whole reduction; the last one may be partly filled.
  std::int64_t reduction_steps() const { return ceil_div(k, width); }
};

/// Words and payload that a command moves through the ports of the buffers. A vector is what enters
/// or leaves the array in one step; it takes ceil(elements * bits / word bits) words.
struct ArrayTraffic {
  std::int64_t a_read_words = 0;
  std::int64_t b_read_words = 0;
  std::int64_t c_read_words = 0;
  std::int64_t c_write_words = 0;
  Bytes a_read{};
  Bytes b_read{};
  Bytes c_read{};
  Bytes c_write{};

  ArrayTraffic& operator+=(const ArrayTraffic& other);
  ArrayTraffic times(std::int64_t count) const;
  bool operator==(const ArrayTraffic&) const = default;
};

/// Everything a command costs on the array.
struct ArrayCost {
  Cycles cycles{};      ///< first operand or stationary load in to last result out
  Cycles port_stall{};  ///< those of `cycles` lost to steps longer than one cycle and to slow loads
  Cycles unit_stall{};  ///< those in which the scale-and-add units catch up (scale_units.h)
  EventCounts counts;
  ArrayTraffic traffic;

  ArrayCost& operator+=(const ArrayCost& other);
  /// Of `count` such commands one after the other.
  ArrayCost times(std::int64_t count) const;
  bool operator==(const ArrayCost&) const = default;
};

/// One operand element as it travels through the array. What the code means an OperandDecoder says.
struct ArrayOperand {
  std::uint32_t code = 0;
  float scale = 1.0F;  ///< of the element's block; NaN: the block is poisoned
};

class OperandDecoder;
/// Of operands that travel as binary32 numbers.
const OperandDecoder& binary32_decoder();

/// Row-major matrices of one command: A m x k, B k x n, C m x n (accumulators, read and written),
/// and what decodes A and B in the PEs. Empty spans: timing and counts only.
struct TileData {
  std::span<const ArrayOperand> a;
  std::span<const ArrayOperand> b;
  std::span<float> c;
  const OperandDecoder* a_decoder = &binary32_decoder();
  const OperandDecoder* b_decoder = &binary32_decoder();
  std::int64_t c_pitch = 0;  ///< elements from one row of C to the next; 0: n

  bool empty() const { return c.empty(); }
};

/// Throws InternalError unless the command and its data fit together.
void check_command(const ArrayCommand& command, const TileData& data);

/// Products of exact parts: kExactBlock and kFixed.
bool adds_integers(Accumulator accumulator);

/// Whether the PEs add exact sums of products: by the kind of accumulator or because a vector of
/// products is rounded once; both operands have an exact view.
bool uses_exact_blocks(const ArraySpec& spec, const ArrayCommand& command);

/// Products that zero gating skips by the command's stated share; 0 without a stated one.
std::int64_t stated_gated_macs(const ArraySpec& spec, const ArrayCommand& command);

}  // namespace mxsim
