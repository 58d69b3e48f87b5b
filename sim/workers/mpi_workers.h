#pragma once

#include <memory>

#include "sim/workers/worker_processes.h"

namespace mxsim {

/// Membership in a group of processes that an MPI launcher started; lives as long as main().
class MpiSession {
 public:
  /// Joins when the program's environment says that a launcher started it, which takes a third of a
  /// second; otherwise nothing is set up.
  explicit MpiSession(char** environment);
  ~MpiSession();
  MpiSession(const MpiSession&) = delete;
  MpiSession& operator=(const MpiSession&) = delete;

 private:
  struct Library;
  std::unique_ptr<Library> library_;
};

/// Processes of the group; 1 outside of one.
int mpi_size();
/// This process's number; 0 hands out the work.
int mpi_rank();

/// The other processes of the group, for process 0. They are told to stop at the end, also when
/// they were never asked anything.
class MpiWorkers : public WorkerProcesses {
 public:
  MpiWorkers();
  ~MpiWorkers() override;
  MpiWorkers(const MpiWorkers&) = delete;
  MpiWorkers& operator=(const MpiWorkers&) = delete;

  std::size_t size() const override;
  void send(std::size_t worker, const std::string& request) override;
  std::vector<WorkerEvent> wait() override;
};

/// Answers process 0 until it says stop.
void serve_mpi(const Work& work);

}  // namespace mxsim
