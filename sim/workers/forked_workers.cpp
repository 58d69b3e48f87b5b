#include "sim/workers/forked_workers.h"

#include <fmt/format.h>
#include <poll.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <stdexcept>
#include <utility>

#include "sim/workers/pipe_message.h"

namespace mxsim {
namespace {

constexpr int kWaitMilliseconds = 200;

[[noreturn]] void fail(const char* what) {
  throw std::runtime_error(fmt::format("{}: {}", what, std::strerror(errno)));
}

/// Neither locks nor other workers' pipes may live on in a copy.
void close_all_but(int one, int other) {
  const auto [low, high] = std::minmax(one, other);
  const auto close_between = [](int first, int last) {
    if (first <= last) close_range(static_cast<unsigned>(first), static_cast<unsigned>(last), 0);
  };
  close_between(STDERR_FILENO + 1, low - 1);
  close_between(low + 1, high - 1);
  close_range(static_cast<unsigned>(high) + 1, ~0U, 0);
}

[[noreturn]] void serve(pid_t master, int requests, int answers, const Work& work) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != master) _exit(0);  // it ended before that took hold
  close_all_but(requests, answers);
  std::signal(SIGINT, SIG_IGN);  // Ctrl-C reaches all; the master decides
  std::signal(SIGTERM, SIG_DFL);
  std::signal(SIGPIPE, SIG_IGN);
  while (const std::optional<std::string> request = read_message(requests)) {
    if (!write_message(answers, work(*request))) break;
  }
  _exit(0);
}

}  // namespace

ForkedWorkers::ForkedWorkers(std::size_t count, Work work) : work_(std::move(work)) {
  std::signal(SIGPIPE, SIG_IGN);  // a worker's end shows as a failed write
  for (std::size_t i = 0; i < count; ++i) workers_.push_back(start());
}

ForkedWorkers::~ForkedWorkers() {
  for (Worker& worker : workers_) kill(worker.process, SIGKILL);
  for (Worker& worker : workers_) end(worker);
}

ForkedWorkers::Worker ForkedWorkers::start() {
  std::array<int, 2> requests{};
  std::array<int, 2> answers{};
  if (pipe(requests.data()) != 0 || pipe(answers.data()) != 0) fail("no pipe for a worker");
  const pid_t master = getpid();
  const pid_t process = fork();
  if (process < 0) fail("no worker process");
  if (process == 0) serve(master, requests[0], answers[1], work_);
  close(requests[0]);
  close(answers[1]);
  return {process, requests[1], answers[0]};
}

std::string ForkedWorkers::end(Worker& worker) {
  close(worker.requests);
  close(worker.answers);
  int status = 0;
  while (waitpid(worker.process, &status, 0) < 0 && errno == EINTR) {
  }
  return WIFSIGNALED(status) ? fmt::format("signal {}", WTERMSIG(status))
                             : fmt::format("exit code {}", WEXITSTATUS(status));
}

void ForkedWorkers::send(std::size_t worker, const std::string& request) {
  // If it has ended, wait() says so.
  write_message(workers_.at(worker).requests, request);
}

std::vector<WorkerEvent> ForkedWorkers::wait() {
  std::vector<pollfd> polled;
  for (const Worker& worker : workers_) polled.push_back({worker.answers, POLLIN, 0});
  const int ready = poll(polled.data(), polled.size(), kWaitMilliseconds);
  if (ready < 0 && errno != EINTR) fail("waiting for workers");
  std::vector<WorkerEvent> events;
  if (ready <= 0) return events;
  for (std::size_t i = 0; i < workers_.size(); ++i) {
    if (polled[i].revents == 0) continue;
    WorkerEvent event{i, read_message(workers_[i].answers), ""};
    if (!event.answer) {
      kill(workers_[i].process, SIGKILL);
      event.end = end(workers_[i]);
      workers_[i] = start();
    }
    events.push_back(std::move(event));
  }
  return events;
}

std::size_t available_cores() {
  cpu_set_t cores;
  CPU_ZERO(&cores);
  if (sched_getaffinity(0, sizeof cores, &cores) != 0) return 1;
  return static_cast<std::size_t>(std::max(1, CPU_COUNT(&cores)));
}

}  // namespace mxsim
