#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "models/chip/buffer_spec.h"
#include "models/core/event.h"
#include "models/core/pass.h"
#include "models/core/units.h"

namespace mxsim {

/// What stays in the PEs during a pass: weights, partial sums or activations.
enum class Dataflow : std::uint8_t { kWeightStationary, kOutputStationary, kInputStationary };

/// How a PE adds products. kFp32, kBf16: every product is added to a sum in that format and rounded
/// once. kExactBlock: products of a block are added as exact integers; a finished block is scaled
/// and rounded once into an FP32 sum. kFixed: the same with an integer of limited width that
/// saturates at every addition. Passes hand on the FP32 sum, so only a block is exact.
enum class Accumulator : std::uint8_t { kFp32, kExactBlock, kBf16, kFixed };

/// Bits of a partial sum in the accumulator buffer.
constexpr std::int64_t partial_sum_bits(Accumulator accumulator) {
  return accumulator == Accumulator::kBf16 ? 16 : 32;
}

/// How a PE adds products, with the sizes of its registers.
struct SumFormat {
  Accumulator accumulator = Accumulator::kFp32;
  std::int64_t bits = 0;   ///< kFixed: sign included; 0: as wide as no sum exceeds
  std::int64_t chunk = 0;  ///< kFp32, kBf16: products summed apart first; 0: none are

  bool operator==(const SumFormat&) const = default;
};

/// The sums of operands that both have one of these formats.
struct SumOfFormats {
  std::vector<std::string> formats;  ///< names, parameters included
  SumFormat sum;
};

/// Narrowest and widest integer of kFixed, sign included, and the widest exact sum of kExactBlock.
inline constexpr std::int64_t kFewestAccumulatorBits = 8;
inline constexpr std::int64_t kMostAccumulatorBits = 63;

/// kSingle: a pass waits for its stationary operand; kDouble: it is loaded behind the previous
/// pass.
enum class WeightBuffering : std::uint8_t { kSingle, kDouble };

/// kNative: passes overlap as the hardware allows; kScaleSim: SCALE-Sim's stall-free counts.
enum class ArrayTiming : std::uint8_t { kNative, kScaleSim };

/// kOn: a PE does not clock its multiplier and adder when an operand is zero and the other is
/// finite; results stay the same.
enum class ZeroGating : std::uint8_t { kOff, kOn };

/// kPe: every PE is a module with real bits in registers; kTile: closed forms.
enum class Fidelity : std::uint8_t { kPe, kTile };

/// Products that a PE adds in one step when neither multiplier input has more than
/// `significand_bits` bits.
struct DotProductWidth {
  std::int64_t significand_bits = 8;
  std::int64_t width = 1;
};
inline constexpr std::int64_t kWidestDotProduct = 16;

/// Arrays side by side: the rows share a command's M, the columns its N
/// (models/dataflow/array_grid.h).
struct ArrayGrid {
  std::int64_t rows = 1;
  std::int64_t cols = 1;

  std::int64_t arrays() const { return rows * cols; }
};

struct ArraySpec {
  std::int64_t rows = 32;  ///< PE rows of one array
  std::int64_t cols = 32;  ///< PE columns of one array
  ArrayGrid grid;
  /// Narrowest first; operands wider than every row, and all without rows, are multiplied one a
  /// step.
  std::vector<DotProductWidth> dot_product;
  /// Dataflow of the GEMMs of each pass (forward, backward_data, backward_weight).
  PerPass<Dataflow> dataflow{Dataflow::kWeightStationary, Dataflow::kWeightStationary,
                             Dataflow::kOutputStationary};
  Accumulator accumulator = Accumulator::kFp32;
  std::int64_t accumulator_bits = 0;   ///< kFixed: sign included; 0: as wide as no sum exceeds
  std::int64_t accumulator_chunk = 0;  ///< kFp32, kBf16: products summed apart first; 0: none are
  std::vector<SumOfFormats> sums;      ///< of some formats; the first that has both decides
  /// PEs of a column that share a unit which scales and adds finished exact sums, one a cycle.
  std::int64_t pes_per_scale_unit = 8;
  std::int64_t mac_latency_cycles = 1;
  WeightBuffering weight_buffering = WeightBuffering::kDouble;
  ArrayTiming timing = ArrayTiming::kNative;
  ZeroGating zero_gating = ZeroGating::kOff;

  SumFormat sum() const { return {accumulator, accumulator_bits, accumulator_chunk}; }
  /// Of all arrays.
  std::int64_t pes() const { return grid.arrays() * rows * cols; }
};

struct DmaSpec {
  std::int64_t bytes_per_cycle = 64;  ///< width of the path between DRAM controller and buffers
  std::int64_t setup_cycles = 16;     ///< descriptor fetch and decode of one transfer
  std::int64_t outstanding = 4;       ///< transfers in flight in each direction
};

struct VectorSpec {
  std::int64_t lanes = 64;                   ///< FP32 elements in parallel
  std::int64_t slow_op_cycles = 8;           ///< cycles of a lane for one divide, sqrt, exp or log
  std::int64_t pipeline_latency_cycles = 8;  ///< first element in to first element out
};

/// Where the second orientation of a quantized tensor comes from in training. kReuse: 2-D tiles
/// serve both orientations; kDual: two copies in 1-D blocks are quantized and written; kRequantize:
/// the second copy is made from the first by an extra read, decode and encode; kRequantizeOnLoad:
/// there is one copy, decoded and encoded again along the other axis each time that it is loaded
/// so; kWideCopy: DRAM holds the wide format, quantized at every load. kAuto: kReuse for 2-D tiles,
/// kDual for 1-D blocks.
enum class TransposePolicy : std::uint8_t {
  kAuto,
  kReuse,
  kDual,
  kRequantize,
  kRequantizeOnLoad,
  kWideCopy
};

struct RequantSpec {
  std::int64_t lanes = 64;  ///< elements encoded per cycle
  std::int64_t pipeline_latency_cycles = 8;
};

}  // namespace mxsim
