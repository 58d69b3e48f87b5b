#pragma once

namespace sc_core {
class sc_simcontext;
}

namespace mxsim {

/// A SystemC kernel of its own for one simulation: time zero at construction, the kernel from
/// before again at destruction, so that several simulations run one after another in one process.
/// Modules must be destroyed before this. SystemC warnings and errors are thrown.
class SimulationContext {
 public:
  SimulationContext();
  ~SimulationContext();
  SimulationContext(const SimulationContext&) = delete;
  SimulationContext& operator=(const SimulationContext&) = delete;

 private:
  sc_core::sc_simcontext* set_aside_;
};

/// sc_start() until nothing is left to do; what a module throws becomes an InternalError here.
void run_to_end();

}  // namespace mxsim
