#pragma once

#include <cstdint>

#include "models/dataflow/array_command.h"

namespace mxsim {

/// In what steps a PE adds the products of one result, as the command or else the spec asks for.
///
/// - Exact accumulators (kExactBlock, kFixed), operands with an exact view: parts that end with a
///   block of either operand are added as integers, then scaled and rounded into the sum.
/// - FP32 and BF16, dot products wider than one, operands with an exact view: the same with parts
///   that end with a block or a vector of `width` elements, so that a vector is rounded once.
/// - Otherwise every product is rounded, in order of the reduction.
/// - `accumulator_chunk` (FP32 and BF16; a multiple of the width): every so many elements of the
///   command, and at the end of a pass, what was summed apart enters the sum.
class SumRule {
 public:
  SumRule(const ArraySpec& spec, const ArrayCommand& command);

  Accumulator accumulator() const { return accumulator_; }
  bool exact() const { return exact_; }
  std::int64_t chunk() const { return chunk_; }
  /// Whether every product or exact block goes straight into an FP32 sum.
  bool is_plain() const;
  /// Largest integer that a part may reach; further additions saturate.
  std::int64_t largest_sum() const { return largest_sum_; }
  bool saturates() const;

  /// Whether an exact part of row m of the result, or a chunk, ends with element `k` of the
  /// command. Passes end both.
  bool ends_part(std::int64_t m, std::int64_t k) const;
  bool ends_chunk(std::int64_t k) const { return chunk_ > 0 && (k + 1) % chunk_ == 0; }
  /// Exact parts and chunks that a result of row m adds to its sum when passes end after every
  /// `pass_length` elements.
  std::int64_t finished(std::int64_t m, std::int64_t pass_length) const;
  const ReductionBlocks& blocks() const { return blocks_; }
  /// Whether finished exact sums go to units that several PEs share (scale_units.h): those of
  /// integer accumulators do; a PE that rounds has an adder of its own.
  bool uses_scale_units() const { return exact_ && adds_integers(accumulator_); }

 private:
  SumRule(const SumFormat& sum, const ArraySpec& spec, const ArrayCommand& command);

  ReductionBlocks blocks_;
  std::int64_t k_;
  std::int64_t vector_;  ///< parts end with every vector of this width; 0: they do not
  Accumulator accumulator_;
  bool exact_;
  std::int64_t chunk_;
  std::int64_t largest_sum_;
};

}  // namespace mxsim
