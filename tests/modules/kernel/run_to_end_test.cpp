#include <gmock/gmock.h>

#include <systemc>

#include "models/core/error.h"
#include "sim/kernel/simulation_context.h"

namespace mxsim {
namespace {

/// Breaks a promise after 1 ns, on a thread of its own.
class Broken : public sc_core::sc_module {
 public:
  SC_HAS_PROCESS(Broken);
  explicit Broken(const sc_core::sc_module_name& name) : sc_module(name) { SC_THREAD(run); }

 private:
  void run() {
    wait(sc_core::sc_time(1, sc_core::SC_NS));
    ensure(false, "a promise");
  }
};

TEST(RunToEnd, ReportsAPromiseBrokenInsideAModule) {
  const SimulationContext context;
  const Broken broken("broken");
  try {
    run_to_end();
    FAIL() << "nothing was thrown";
  } catch (const InternalError& error) {
    EXPECT_THAT(error.what(), testing::HasSubstr("a promise"));
    EXPECT_THAT(error.what(), testing::HasSubstr("broken.run @ 1 ns"));
  }
}

}  // namespace
}  // namespace mxsim
