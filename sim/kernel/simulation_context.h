#pragma once

namespace mxsim {

/// A SystemC kernel of its own for one simulation: time zero at construction, an empty kernel again
/// at destruction, so that several simulations run one after another in one process. Modules must
/// be destroyed before this. SystemC warnings and errors are thrown.
class SimulationContext {
 public:
  SimulationContext();
  ~SimulationContext();
  SimulationContext(const SimulationContext&) = delete;
  SimulationContext& operator=(const SimulationContext&) = delete;
};

/// sc_start() until nothing is left to do; what a module throws becomes an InternalError here.
void run_to_end();

}  // namespace mxsim
