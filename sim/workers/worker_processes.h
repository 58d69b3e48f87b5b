#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace mxsim {

/// What a worker process does with a request; the answer goes back. Must not throw.
using Work = std::function<std::string(const std::string& request)>;

/// A worker's answer, or how it ended instead.
struct WorkerEvent {
  std::size_t worker = 0;
  std::optional<std::string> answer;
  std::string end;  ///< "signal 9"
};

/// Processes that answer requests, each one at a time. The SystemC kernel is not thread-safe, so
/// simulations that run side by side are processes.
class WorkerProcesses {
 public:
  virtual ~WorkerProcesses() = default;

  virtual std::size_t size() const = 0;
  /// `worker` has answered all that it was asked.
  virtual void send(std::size_t worker, const std::string& request) = 0;
  /// What has happened since; waits for something for a fraction of a second. A worker that ended
  /// has been replaced.
  virtual std::vector<WorkerEvent> wait() = 0;
};

}  // namespace mxsim
