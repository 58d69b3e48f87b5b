#include "models/mapping/tiles/run_bytes.h"

#include <gtest/gtest.h>

#include <numeric>
#include <set>

#include "models/core/rng.h"
#include "tests/support/dram_devices.h"

namespace mxsim {
namespace {

std::int64_t bursts_one_by_one(const DramRun& run, std::int64_t burst) {
  std::set<std::pair<std::int64_t, std::int64_t>> touched;
  for (std::int64_t i = 0; i < run.rows; ++i) {
    const std::int64_t piece = run.stride == run.row_bytes ? 0 : i;
    for (std::int64_t byte = 0; byte < run.row_bytes; ++byte) {
      touched.emplace(piece, (run.base + i * run.stride + byte) / burst);
    }
  }
  return static_cast<std::int64_t>(touched.size());
}

DramRun drawn_run(const CounterRng& rng, std::uint64_t i) {
  const auto draw = [&](std::uint64_t k, std::int64_t limit) {
    return static_cast<std::int64_t>(rng.bits(i * 8 + k) % static_cast<std::uint64_t>(limit));
  };
  const std::int64_t length = 1 + draw(0, 150);
  return {draw(1, 500), length, length + draw(2, 3) * draw(4, 100), 1 + draw(3, 300)};
}

TEST(DramRuns, MoveEveryBurstThatAPieceTouches) {
  const CounterRng rng(1, "memory runs");
  for (std::uint64_t i = 0; i < 400; ++i) {
    const DramRun run = drawn_run(rng, i);
    const std::int64_t burst = std::int64_t{1} << (4 + i % 4);
    EXPECT_EQ(moved_bytes({run}, burst).count(), bursts_one_by_one(run, burst) * burst)
        << "case " << i << ": " << run.base << "+" << run.row_bytes << " every " << run.stride
        << " x " << run.rows << " in bursts of " << burst;
  }
}

TEST(DramRuns, MoveTheBurstsThatDramCounts) {
  const CounterRng rng(2, "memory runs");
  for (const DramDevice& device : testing::sample_devices()) {
    const AddressMap map(device);
    const std::int64_t burst = device.organisation.burst_bytes;
    for (std::uint64_t i = 0; i < 200; ++i) {
      const DramRun run = drawn_run(rng, i);
      const std::vector<std::int64_t> counts = RunCursor::count_bursts(map, run);
      ASSERT_EQ(moved_bytes({run}, burst).count(),
                std::accumulate(counts.begin(), counts.end(), std::int64_t{0}) * burst)
          << device.name << ", case " << i;
    }
  }
}

}  // namespace
}  // namespace mxsim
