#include "sim/array/array_tile.h"

#include <gtest/gtest.h>

#include "models/core/error.h"
#include "models/dataflow/closed_form.h"

namespace mxsim {
namespace {

/// Runs commands back to back and notes the cycle in which each has finished.
class Driver : public sc_core::sc_module {
 public:
  SC_HAS_PROCESS(Driver);
  Driver(ArrayUnit& array, const ClockDomain& clock, std::vector<ArrayCommand> commands)
      : sc_module(sc_core::sc_module_name("driver")),
        array_(array),
        clock_(clock),
        commands_(std::move(commands)) {
    SC_METHOD(run);
    sensitive << array.finished();
  }
  const std::vector<Cycles>& finished() const { return finished_; }

 private:
  void run() {
    if (next_ > 0) finished_.push_back(clock_.now());
    if (next_ < commands_.size()) array_.start(commands_[next_++]);
  }

  ArrayUnit& array_;
  ClockDomain clock_;
  std::vector<ArrayCommand> commands_;
  std::size_t next_ = 0;
  std::vector<Cycles> finished_;
};

TEST(ArrayTile, CommandsFinishAfterTheirClosedFormAndDoNotOverlap) {
  const ArraySpec spec;
  const ClockDomain clock(1'400'000'000);
  ArrayTile array("array", spec, clock);
  std::vector<ArrayCommand> commands(3);
  commands[1].m = 1000;
  commands[2].dataflow = Dataflow::kOutputStationary;
  commands[2].k = 77;
  Driver driver(array, clock, commands);
  sc_core::sc_start();
  ASSERT_EQ(driver.finished().size(), commands.size());
  ArrayCost sum;
  for (std::size_t i = 0; i < commands.size(); ++i) {
    sum += closed_form(spec, commands[i]);
    EXPECT_EQ(driver.finished()[i], sum.cycles);
  }
  EXPECT_EQ(array.total(), sum);
  EXPECT_FALSE(array.busy());
}

TEST(ArrayTile, RefusesACommandWhileOneRuns) {
  ArrayTile array("array", ArraySpec{}, ClockDomain(500'000'000));
  array.start(ArrayCommand{});
  EXPECT_THROW(array.start(ArrayCommand{}), InternalError);
}

}  // namespace
}  // namespace mxsim
