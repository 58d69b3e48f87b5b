#include "models/dataflow/input_stationary.h"

#include "models/dataflow/stationary_schedule.h"

namespace mxsim {

// PE (i, j) holds A[m0 + j, k0 + i]. Row i of B's tile enters at the left edge:
// B[k0 + i, t - i * latency] at step t of a pass. C^T = B^T A^T in `ws`.
DataflowInfo input_stationary() {
  return {Dataflow::kInputStationary,
          "is",
          "rows hold K, columns hold M, N is streamed past the activations",
          stationary_steps,
          stationary_handover,
          stationary_least_steps,
          count_stationary,
          stationary_vectors,
          stationary_reduction,
          StationaryOperand::kA};
}

}  // namespace mxsim
