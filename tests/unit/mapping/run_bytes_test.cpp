#include "models/mapping/tiles/run_bytes.h"

#include <gtest/gtest.h>

#include <set>

#include "models/core/rng.h"

namespace mxsim {
namespace {

std::int64_t bursts_one_by_one(const DramRun& run, std::int64_t burst) {
  std::set<std::int64_t> touched;
  for (std::int64_t i = 0; i < run.rows; ++i) {
    for (std::int64_t byte = 0; byte < run.row_bytes; ++byte) {
      touched.insert((run.base + i * run.stride + byte) / burst);
    }
  }
  return static_cast<std::int64_t>(touched.size());
}

TEST(DramRuns, MovesEveryBurstThatAByteOfItTouchesOnce) {
  const CounterRng rng(1, "memory runs");
  for (std::uint64_t i = 0; i < 400; ++i) {
    const auto draw = [&](std::uint64_t k, std::int64_t limit) {
      return static_cast<std::int64_t>(rng.bits(i * 8 + k) % static_cast<std::uint64_t>(limit));
    };
    const std::int64_t length = 1 + draw(0, 150);
    const DramRun run{draw(1, 500), length, length + draw(2, 200), 1 + draw(3, 300)};
    const std::int64_t burst = std::int64_t{1} << (4 + draw(4, 4));
    EXPECT_EQ(moved_bytes({run}, burst).count(), bursts_one_by_one(run, burst) * burst)
        << "case " << i << ": " << run.base << "+" << run.row_bytes << " every " << run.stride
        << " x " << run.rows << " in bursts of " << burst;
  }
}

}  // namespace
}  // namespace mxsim
