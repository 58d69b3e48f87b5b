#include "sim/cli/sweep_command.h"

#include <CLI/CLI.hpp>
#include <optional>
#include <stdexcept>

#include "sim/cli/mapping_cache_option.h"
#include "sim/cli/printable.h"
#include "sim/cli/progress.h"
#include "sim/output/output_file.h"
#include "sim/workers/forked_workers.h"
#include "sim/workers/mpi_workers.h"

namespace mxsim {

void add_sweep_options(CLI::App& app, SweepCommand& command, const std::string& file_name) {
  app.add_option(file_name, command.file, "the file that describes it")->required();
  app.add_option("--out", command.out, "folder for the results (made if needed)");
  app.add_option("--jobs", command.jobs,
                 "worker processes; left out: one for every core (mpirun says it instead)")
      ->check(CLI::Range(1, 4096));
  app.add_flag("--resume", command.resume, "keep the results that are there, run what is missing");
  app.add_flag("--reports", command.reports, "keep each point's report in DIR/reports/POINT.json");
  app.add_option("--retries", command.retries,
                 "so many more workers get a point whose worker was killed")
      ->check(CLI::Range(0, 1000000));
  add_mapping_cache_option(app, command.mapping_cache);
}

void write_table(const std::string& path, const std::string& text) {
  try {
    write_file(path, text);
  } catch (const InputError& error) {
    throw std::runtime_error(error.what());
  }
}

std::unique_ptr<WorkerProcesses> start_workers(const SweepCommand& command,
                                               std::unique_ptr<WorkerProcesses> launched,
                                               PointWorker& worker) {
  if (launched) return launched;
  return std::make_unique<ForkedWorkers>(
      command.jobs > 0 ? command.jobs : available_cores(),
      [&worker](const std::string& request) { return worker.answer(request); });
}

int run_resumable(Console& console, const std::function<void()>& points) {
  try {
    points();
  } catch (const Interrupted&) {
    console.err << "interrupted: --resume goes on from here\n";
    return kExitFailure;
  }
  return kExitDone;
}

namespace {

/// What every process of an MPI group but the first does. Process 0 tells the user's faults.
int serve(const SweepCommand& command, const std::function<SweepSource()>& load) {
  std::optional<PointWorker> worker;
  serve_mpi([&](const std::string& request) {
    if (!worker) worker.emplace(load(), command.reports_folder());
    return worker->answer(request);
  });
  return kExitDone;
}

}  // namespace

int run_sweep_job(const SweepCommand& command, Console& console,
                  const std::function<SweepSource()>& load,
                  const std::function<int(std::unique_ptr<WorkerProcesses>)>& job) {
  const RememberMappings remember(command.mapping_cache, console.err);
  if (mpi_rank() > 0) return serve(command, load);
  // First of all: its end, also by a fault, stops the other processes.
  std::unique_ptr<WorkerProcesses> launched;
  if (mpi_size() > 1) launched = std::make_unique<MpiWorkers>();
  if (command.out.empty() && !command.dry_run) {
    throw InputError("--out: missing, expected the folder for the results (or --dry-run)");
  }
  // Points are kept as they are finished: an end at any time is as good as another.
  note_interrupts("interrupted: --resume goes on from here\n");
  try {
    return job(std::move(launched));
  } catch (const Interrupted&) {
    console.err << "interrupted: nothing was written\n";
  } catch (const std::runtime_error& error) {
    if (dynamic_cast<const InputError*>(&error) != nullptr) throw;
    console.err << printable(error.what()) << "; what was done is kept, --resume goes on\n";
  }
  return kExitFailure;
}

}  // namespace mxsim
