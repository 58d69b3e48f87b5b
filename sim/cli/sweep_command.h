#pragma once

#include <functional>
#include <memory>
#include <string>

#include "sim/cli/command_table.h"
#include "sim/explore/point_worker.h"
#include "sim/workers/worker_processes.h"

namespace mxsim {

/// Options that `sweep` and `explore` share.
struct SweepCommand {
  std::string file;
  std::string out;
  std::string shard = "1/1";
  std::string mapping_cache;  ///< folder; "": none
  std::size_t jobs = 0;       ///< 0: all cores
  int retries = 3;
  bool resume = false;
  bool dry_run = false;
  bool reports = false;

  std::string reports_folder() const { return reports ? out + "/reports" : ""; }
};

/// All but --shard and --dry-run.
void add_sweep_options(CLI::App& app, SweepCommand& command, const std::string& file_name);

/// A disk that is full by now is no fault of the command: throws std::runtime_error.
void write_table(const std::string& path, const std::string& text);

/// The processes of mpirun, or else `command.jobs` of its own that do what `worker` says.
std::unique_ptr<WorkerProcesses> start_workers(const SweepCommand& command,
                                               std::unique_ptr<WorkerProcesses> launched,
                                               PointWorker& worker);

/// Runs the points and tells how it ended: what an interrupt leaves undone, --resume does.
int run_resumable(Console& console, const std::function<void()>& points);

/// Runs `job` where it belongs: in the first process of an MPI group (with the others as workers,
/// which read the file with `load`), or in this one (null). Tells how it ended.
int run_sweep_job(const SweepCommand& command, Console& console,
                  const std::function<SweepSource()>& load,
                  const std::function<int(std::unique_ptr<WorkerProcesses>)>& job);

}  // namespace mxsim
