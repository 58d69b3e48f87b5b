#include "sim/control/stall_rule.h"

#include <gtest/gtest.h>

namespace mxsim {
namespace {

Command load(Unit into) { return {Unit::kDmaRead, {}, TransferWork{}, {{into, {}, Bytes(1)}}}; }
Command store() {
  return {Unit::kDmaWrite, {}, TransferWork{}, {{Unit::kSramAccumulator, Bytes(1), {}}}};
}
Command array() { return {Unit::kArray, {}, ArrayWork{}, {}}; }
Command vector() {
  return {Unit::kVector, {}, VectorWork{}, {{Unit::kSramAccumulator, Bytes(1), {}}}};
}
Command requant(Unit in) { return {Unit::kRequant, {}, RequantWork{}, {{in, Bytes(1), {}}}}; }

struct Row {
  const char* what;
  Command waiting;
  Command awaited;
  std::optional<StallCause> cause;
};

TEST(StallRule, NamesTheCauseThatFollowsFromTheCommands) {
  const std::vector<Row> rows{
      {"load for store", load(Unit::kSramInput), store(), StallCause::kDependency},
      {"store for load", store(), load(Unit::kSramInput), StallCause::kDependency},
      {"operands for their slot", load(Unit::kSramInput), array(), StallCause::kBuffer},
      {"operands for a stream's slot", load(Unit::kSramInput), vector(), StallCause::kBuffer},
      {"side data for results", load(Unit::kSramAccumulator), array(), std::nullopt},
      {"array for its operand", array(), load(Unit::kSramWeight), std::nullopt},
      {"array for quantization on load", array(), requant(Unit::kSramInput), std::nullopt},
      {"array for the results' slot", array(), vector(), StallCause::kAccumulator},
      {"array for encoding", array(), requant(Unit::kSramAccumulator), StallCause::kAccumulator},
      {"array for a store", array(), store(), StallCause::kAccumulator},
      {"vector unit for a store", vector(), store(), StallCause::kAccumulator},
      {"vector unit for the array", vector(), array(), std::nullopt},
      {"store for the vector unit", store(), vector(), std::nullopt}};
  for (const Row& row : rows) {
    EXPECT_EQ(fixed_cause(row.waiting, row.awaited), row.cause) << row.what;
  }
}

TEST(StallRule, LooksBehindASlotThatAnEarlierGroupStillUses) {
  Command waiting = array();
  waiting.group = 1;
  EXPECT_EQ(fixed_cause(waiting, store()), std::nullopt);
}

}  // namespace
}  // namespace mxsim
