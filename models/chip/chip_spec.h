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

/// How a PE adds products. kFp32: every product is added to an FP32 sum and rounded once.
/// kExactBlock: products of a block are added as exact integers; a finished block is scaled and
/// rounded once into an FP32 sum.
enum class Accumulator : std::uint8_t { kFp32, kExactBlock };

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

struct ArraySpec {
  std::int64_t rows = 32;  ///< PE rows
  std::int64_t cols = 32;  ///< PE columns
  /// Dataflow of the GEMMs of each pass (forward, backward_data, backward_weight).
  PerPass<Dataflow> dataflow{Dataflow::kWeightStationary, Dataflow::kWeightStationary,
                             Dataflow::kOutputStationary};
  Accumulator accumulator = Accumulator::kFp32;
  std::int64_t mac_latency_cycles = 1;
  WeightBuffering weight_buffering = WeightBuffering::kDouble;
  ArrayTiming timing = ArrayTiming::kNative;
  ZeroGating zero_gating = ZeroGating::kOff;
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
/// the second copy is made from the first by an extra read, decode and encode. kAuto: kReuse for
/// 2-D tiles, kDual for 1-D blocks.
enum class TransposePolicy : std::uint8_t { kAuto, kReuse, kDual, kRequantize };

struct RequantSpec {
  std::int64_t lanes = 64;  ///< elements encoded per cycle
  std::int64_t pipeline_latency_cycles = 8;
};

}  // namespace mxsim
