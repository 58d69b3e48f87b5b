#include <gmock/gmock.h>
#include <signal.h>
#include <unistd.h>

#include <map>
#include <stdexcept>

#include "sim/workers/dispatcher.h"
#include "sim/workers/forked_workers.h"
#include "sim/workers/pipe_message.h"

namespace mxsim {
namespace {

/// Answers of `work` to "0", "1", ... by request.
std::map<std::size_t, DispatchResult> results_of(std::size_t workers, std::size_t requests,
                                                 const Work& work, int retries = 0) {
  ForkedWorkers processes(workers, work);
  std::map<std::size_t, DispatchResult> results;
  dispatch(
      processes, requests, [](std::size_t index) { return std::to_string(index); }, {retries},
      [&](const DispatchResult& result) {
        EXPECT_TRUE(results.emplace(result.index, result).second) << "answered twice";
      });
  return results;
}

TEST(Workers, EveryRequestIsAnsweredOnceByAnotherProcess) {
  for (const std::size_t workers : {1u, 3u}) {
    const std::string here = std::to_string(getpid());
    const auto results = results_of(workers, 100, [&](const std::string& request) {
      return request + (here == std::to_string(getpid()) ? " here" : " elsewhere");
    });
    ASSERT_EQ(results.size(), 100u);
    for (const auto& [index, result] : results) {
      EXPECT_EQ(result.answer, std::to_string(index) + " elsewhere");
    }
  }
}

TEST(Workers, LongMessagesArriveWhole) {
  const auto results = results_of(
      2, 4, [](const std::string& request) { return std::string(3'000'000, request[0]); });
  for (const auto& [index, result] : results) {
    EXPECT_EQ(result.answer, std::string(3'000'000, std::to_string(index)[0]));
  }
}

TEST(Workers, ARequestWhoseWorkerEndsIsTriedByAnotherAndThenGivenUp) {
  const auto results = results_of(
      2, 10,
      [](const std::string& request) {
        if (request == "3") raise(SIGKILL);
        if (request == "4") _exit(7);
        return request;
      },
      2);
  ASSERT_EQ(results.size(), 10u);
  for (const auto& [index, result] : results) {
    EXPECT_EQ(result.answer.has_value(), index != 3 && index != 4) << index;
  }
  EXPECT_EQ(results.at(3).end, "signal 9");
  EXPECT_EQ(results.at(4).end, "exit code 7");
}

TEST(Workers, WhatIsThrownOnAResultStopsTheWork) {
  ForkedWorkers workers(2, [](const std::string& request) { return request; });
  std::size_t seen = 0;
  EXPECT_THROW(dispatch(
                   workers, 100, [](std::size_t) { return ""; }, {},
                   [&](const DispatchResult&) {
                     if (++seen == 5) throw std::runtime_error("enough");
                   }),
               std::runtime_error);
  EXPECT_EQ(seen, 5u);
}

/// A process that holds workers and says their ids; workers answer with theirs.
TEST(Workers, EndWithTheirMasterHoweverItEnds) {
  int ends[2];
  ASSERT_EQ(pipe(ends), 0);
  const pid_t master = fork();
  if (master == 0) {
    ForkedWorkers workers(3, [](const std::string&) { return std::to_string(getpid()); });
    dispatch(
        workers, 30, [](std::size_t) { return ""; }, {},
        [&](const DispatchResult& result) { write_message(ends[1], *result.answer); });
    write_message(ends[1], "");
    for (;;) pause();
  }
  std::map<std::string, int> ids;
  for (auto id = read_message(ends[0]); id && !id->empty(); id = read_message(ends[0])) ++ids[*id];
  ASSERT_FALSE(ids.empty());
  kill(master, SIGKILL);
  for (const auto& [id, answers] : ids) {
    int tries = 0;
    while (kill(std::stoi(id), 0) == 0 && tries++ < 200) usleep(10'000);
    // A dead process whose new parent has not looked yet is still found.
    EXPECT_LT(tries, 200) << "worker " << id << " lives on";
  }
}

}  // namespace
}  // namespace mxsim
