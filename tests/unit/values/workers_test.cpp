#include "models/values/workers.h"

#include <gtest/gtest.h>

#include <atomic>
#include <stdexcept>

namespace mxsim {
namespace {

TEST(Workers, RunEveryTaskOnceWhateverTheirNumber) {
  for (const int threads : {1, 2, 5}) {
    Workers workers(threads);
    for (const std::int64_t count : {0, 1, 3, 1000}) {
      std::vector<std::atomic<int>> runs(static_cast<std::size_t>(count));
      workers.run(count, [&](std::int64_t task) { ++runs[static_cast<std::size_t>(task)]; });
      for (const std::atomic<int>& each : runs) EXPECT_EQ(each, 1);
    }
  }
}

TEST(Workers, ThrowWhatATaskThrewAndWorkOn) {
  Workers workers(3);
  const auto fail = [](std::int64_t task) {
    if (task == 7) throw std::runtime_error("task 7");
  };
  EXPECT_THROW(workers.run(100, fail), std::runtime_error);
  std::atomic<int> runs = 0;
  workers.run(10, [&](std::int64_t) { ++runs; });
  EXPECT_EQ(runs, 10);
}

}  // namespace
}  // namespace mxsim
