#include "sim/config/run_config.h"

#include "sim/config/choices.h"
#include "sim/config/format_config.h"
#include "sim/config/load.h"

namespace mxsim {

void bind(Binder& b, RunConfig& s) {
  b.reference({"chip", "", "chip", Presence::kRequired}, s.chip);
  b.file({"workload", "", "trace of the network", Presence::kRequired}, s.workload);
  b.choice({"mode", "", "a training step or inference", Presence::kRequired}, s.mode, kModeNames);
  b.integer({"batch", "images", "batch size"}, s.batch, {1, 65536});
  b.choice({"optimizer", "", "update of the weights in training"}, s.optimizer, kOptimizerNames);
  b.section({"formats", "", "number formats"}, s.formats);
  b.choice({"fidelity", "", "tile: closed forms; pe: every PE with its bits"}, s.fidelity,
           kFidelityNames);
  b.integer({"seed", "", "seed of all drawn values"}, s.seed);
}

std::vector<Diagnostic> validate(const RunConfig& run) {
  return below("/chip", validate(run.chip));
}

}  // namespace mxsim
