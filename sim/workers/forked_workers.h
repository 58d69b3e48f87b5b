#pragma once

#include <sys/types.h>

#include "sim/workers/worker_processes.h"

namespace mxsim {

/// Copies of this process on this machine, each at the end of two pipes. They end with this object
/// and with this process, however it ends.
class ForkedWorkers : public WorkerProcesses {
 public:
  /// `work` runs in the copies, which see what this process had built before.
  ForkedWorkers(std::size_t count, Work work);
  ~ForkedWorkers() override;
  ForkedWorkers(const ForkedWorkers&) = delete;
  ForkedWorkers& operator=(const ForkedWorkers&) = delete;

  std::size_t size() const override { return workers_.size(); }
  void send(std::size_t worker, const std::string& request) override;
  std::vector<WorkerEvent> wait() override;

 private:
  struct Worker {
    pid_t process = -1;
    int requests = -1;  ///< our end of each pipe
    int answers = -1;
  };

  Worker start();
  /// Waits for its end; says how it ended.
  static std::string end(Worker& worker);

  Work work_;
  std::vector<Worker> workers_;
};

/// Cores that this process may use.
std::size_t available_cores();

}  // namespace mxsim
