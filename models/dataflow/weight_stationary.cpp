#include "models/dataflow/weight_stationary.h"

#include "models/dataflow/stationary_schedule.h"

namespace mxsim {

// PE (i, j) holds B[k0 + i, n0 + j] (with dot products of w: k0 + i w and the w - 1 after it). Row
// i of A's tile enters at the left edge: A[t - i * latency, k0 + i] at step t of a pass.
DataflowInfo weight_stationary() {
  return {Dataflow::kWeightStationary,
          "ws",
          "rows hold K, columns hold N, M is streamed past the weights",
          stationary_steps,
          stationary_handover,
          stationary_least_steps,
          count_stationary,
          stationary_vectors,
          stationary_reduction,
          StationaryOperand::kB};
}

}  // namespace mxsim
