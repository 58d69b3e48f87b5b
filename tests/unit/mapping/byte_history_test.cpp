#include "models/mapping/program/byte_history.h"

#include <gtest/gtest.h>

#include "models/core/rng.h"

namespace mxsim {
namespace {

TEST(ByteHistory, KnowsTheNewestCommandOfEveryByte) {
  constexpr std::int64_t kBytes = 200;
  const CounterRng rng(1, "history");
  std::vector<std::optional<CommandId>> bytes(kBytes);
  ByteHistory history;
  for (CommandId command = 0; command < 300; ++command) {
    const auto begin = static_cast<std::int64_t>(rng.bits(2 * command) % kBytes);
    const auto length = static_cast<std::int64_t>(1 + rng.bits(2 * command + 1) % 40);
    const ByteRange range{begin, std::min(kBytes, begin + length)};
    std::optional<CommandId> expected;
    for (std::int64_t i = range.begin; i < range.end; ++i) {
      expected = std::max(expected, bytes[static_cast<std::size_t>(i)]);
    }
    EXPECT_EQ(history.newest(range), expected);
    history.record(range, command);
    for (std::int64_t i = range.begin; i < range.end; ++i) {
      bytes[static_cast<std::size_t>(i)] = command;
    }
  }
}

TEST(ByteHistory, ForgetsOldCommandsOnly) {
  ByteHistory history;
  history.record({0, 10}, 1);
  history.record({5, 20}, 2);
  history.forget_below(2);
  EXPECT_EQ(history.newest({0, 5}), std::nullopt);
  EXPECT_EQ(history.newest({0, 6}), CommandId{2});
  EXPECT_EQ(history.size(), 1u);
}

TEST(ByteHistory, CoversRowsAtTheirDistanceByOneRangeAndOtherPlacesByOthers) {
  const std::vector<DramRun> runs{{100, 8, 32, 4}, {228, 8, 32, 2}, {4000, 16, 0, 1}};
  EXPECT_EQ(covering_ranges(runs), (std::vector<ByteRange>{{100, 268}, {4000, 4016}}));
}

}  // namespace
}  // namespace mxsim
