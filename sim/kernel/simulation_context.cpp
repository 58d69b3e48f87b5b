#include "sim/kernel/simulation_context.h"

#include <string>
#include <systemc>

#include "models/core/error.h"

namespace mxsim {
namespace {

void use(sc_core::sc_simcontext* kernel) {
  sc_core::sc_curr_simcontext = sc_core::sc_default_global_context = kernel;
}

// Inside a thread the kernel catches nothing but reports; it throws them again from sc_start().
void raise(const sc_core::sc_report& report, const sc_core::sc_actions&) {
  if (report.get_severity() != sc_core::SC_INFO) throw report;
}

}  // namespace

// The program's own kernel is set aside, not deleted: events that live as long as libsystemc belong
// to it.
SimulationContext::SimulationContext() : set_aside_(sc_core::sc_get_curr_simcontext()) {
  use(new sc_core::sc_simcontext);
  sc_core::sc_report_handler::set_handler(raise);
}

SimulationContext::~SimulationContext() {
  sc_core::sc_report_handler::set_handler(nullptr);
  delete sc_core::sc_curr_simcontext;
  use(set_aside_);
}

void run_to_end() {
  try {
    sc_core::sc_start();
  } catch (const sc_core::sc_report& report) {
    throw InternalError(std::string("SystemC: ") + report.what());
  }
}

}  // namespace mxsim
