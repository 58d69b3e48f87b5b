#include "sim/kernel/simulation_context.h"

#include <string>
#include <systemc>

#include "models/core/error.h"

namespace mxsim {
namespace {

void replace_context() {
  delete sc_core::sc_curr_simcontext;
  sc_core::sc_curr_simcontext = sc_core::sc_default_global_context = new sc_core::sc_simcontext;
}

// Inside a thread the kernel catches nothing but reports; it throws them again from sc_start().
void raise(const sc_core::sc_report& report, const sc_core::sc_actions&) {
  if (report.get_severity() != sc_core::SC_INFO) throw report;
}

}  // namespace

SimulationContext::SimulationContext() {
  replace_context();
  sc_core::sc_report_handler::set_handler(raise);
}

SimulationContext::~SimulationContext() {
  sc_core::sc_report_handler::set_handler(nullptr);
  replace_context();
}

void run_to_end() {
  try {
    sc_core::sc_start();
  } catch (const sc_core::sc_report& report) {
    throw InternalError(std::string("SystemC: ") + report.what());
  }
}

}  // namespace mxsim
