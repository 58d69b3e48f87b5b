#include "sim/explore/sweep.h"

#include <CLI/CLI.hpp>
#include <csignal>
#include <memory>
#include <optional>
#include <stdexcept>

#include "sim/cli/command_table.h"
#include "sim/cli/printable.h"
#include "sim/cli/progress.h"
#include "sim/explore/forked_workers.h"
#include "sim/explore/mpi_workers.h"
#include "sim/explore/sweep_results.h"
#include "sim/report/output_file.h"
#include "sim/report/sweep_report.h"
#include "sim/report/sweep_text.h"

namespace mxsim {
namespace {

struct SweepCommand {
  std::string file;
  std::string out;
  std::string shard = "1/1";
  std::size_t jobs = 0;  ///< 0: all cores
  int retries = 3;
  bool resume = false;
  bool dry_run = false;
  bool reports = false;

  std::string reports_folder() const { return reports ? out + "/reports" : ""; }
};

/// A disk that is full by now is no fault of the command.
void write_table(const std::string& path, const std::string& text) {
  try {
    write_file(path, text);
  } catch (const InputError& error) {
    throw std::runtime_error(error.what());
  }
}

/// The sweep with its workers, ready to be planned and run.
class SweepJob {
 public:
  /// `workers`: null for processes of its own.
  SweepJob(const SweepCommand& command, Console& console, std::unique_ptr<Workers> workers)
      : command_(command),
        console_(console),
        source_(load_sweep(command.file)),
        space_(source_.config, source_.file),
        worker_(source_, command.reports_folder()),
        workers_(std::move(workers)) {
    if (workers_) return;
    workers_ = std::make_unique<ForkedWorkers>(
        command.jobs > 0 ? command.jobs : available_cores(),
        [this](const std::string& request) { return worker_.answer(request); });
  }

  void plan() {
    Progress progress(console_.err, "checking", "points");
    std::size_t checked = 0;
    std::size_t all = 1;
    const DispatchRules rules{command_.retries, [&] { progress.update(checked, all); }};
    const auto asked = command_.dry_run ? PointRequest::Ask::kEstimate : PointRequest::Ask::kCheck;
    plan_ = plan_sweep(
        source_, space_, *workers_, rules,
        [&](std::size_t done, std::size_t total) {
          checked = done;
          all = total;
        },
        asked);
  }

  int show() const {
    DryRun shown{plan_.hash, {}, workers_->size()};
    for (const PlannedPoint& point : plan_.points) {
      shown.points.push_back({space_.settings(space_.coordinates(point.grid)), point.seconds});
    }
    console_.out << (console_.json() ? dry_run_json(shown) : dry_run_text(shown));
    return kExitDone;
  }

  int run() {
    const ResultsPlace place{command_.out, parse_shard(command_.shard), command_.reports_folder()};
    SweepResults results(place, command_.resume ? ResultsStart::kResume : ResultsStart::kNew,
                         plan_.hash, plan_.points.size());
    int code = kExitDone;
    try {
      run_missing(place.shard, results);
    } catch (const Interrupted&) {
      code = kExitFailure;
      console_.err << "interrupted: --resume goes on from here\n";
    }
    return finish(place, results, code);
  }

 private:
  void run_missing(const Shard& shard, SweepResults& results) {
    std::vector<std::uint64_t> missing;
    for (std::uint64_t point = 0; point < plan_.points.size(); ++point) {
      if (shard.has(point) && !results.has(point)) missing.push_back(point);
    }
    const std::size_t before = results.size();
    Progress progress(console_.err, "sweep", "points");
    const DispatchRules rules{command_.retries,
                              [&] { progress.update(results.size(), before + missing.size()); }};
    run_points(plan_, space_, missing, *workers_, rules,
               [&](const std::string& line) { results.add(line); });
  }

  int finish(const ResultsPlace& place, const SweepResults& results, int code) const {
    SweepSummary summary{plan_.hash,          place.lines_path(),
                         plan_.points.size(), source_.config.objectives,
                         results.sorted(),    {}};
    summary.front = fronts(summary.results, summary.objectives);
    if (place.shard.whole()) {
      write_table(place.folder + "/results.csv", results_csv(summary.results, summary.front));
    }
    console_.out << (console_.json() ? sweep_json(summary) : sweep_text(summary));
    return summary.count(PointStatus::kLost) > 0 ? kExitFailure : code;
  }

  const SweepCommand& command_;
  Console& console_;
  SweepSource source_;
  Space space_;
  PointWorker worker_;
  std::unique_ptr<Workers> workers_;
  SweepPlan plan_;
};

/// What every process of an MPI group but the first does. Process 0 tells the user's faults.
int serve(const SweepCommand& command) {
  std::optional<PointWorker> worker;
  serve_mpi([&](const std::string& request) {
    if (!worker) worker.emplace(load_sweep(command.file), command.reports_folder());
    return worker->answer(request);
  });
  return kExitDone;
}

int sweep(const SweepCommand& command, Console& console) {
  if (mpi_rank() > 0) return serve(command);
  // First of all: its end, also by a fault, stops the other processes.
  std::unique_ptr<Workers> launched;
  if (mpi_size() > 1) launched = std::make_unique<MpiWorkers>();
  if (command.out.empty() && !command.dry_run) {
    throw InputError("--out: missing, expected the folder for the results (or --dry-run)");
  }
  parse_shard(command.shard);
  note_interrupts();
  std::signal(SIGXFSZ, SIG_IGN);  // a limit on the size of files shows as a failed write
  try {
    SweepJob job(command, console, std::move(launched));
    job.plan();
    return command.dry_run ? job.show() : job.run();
  } catch (const Interrupted&) {
    console.err << "interrupted: nothing was written\n";
  } catch (const std::runtime_error& error) {
    if (dynamic_cast<const InputError*>(&error) != nullptr) throw;
    console.err << printable(error.what()) << "; what was done is kept, --resume goes on\n";
  }
  return kExitFailure;
}

}  // namespace

CommandAction set_up_sweep(CLI::App& app) {
  const auto command = std::make_shared<SweepCommand>();
  app.add_option("SWEEP", command->file, "sweep file")->required();
  app.add_option("--out", command->out, "folder for the results (made if needed)");
  app.add_option("--jobs", command->jobs,
                 "worker processes; left out: one for every core (mpirun says it instead)")
      ->check(CLI::Range(1, 4096));
  app.add_option("--shard", command->shard,
                 "I/N: every N-th point from the I-th on, into results.I-of-N.jsonl; --resume "
                 "without a shard puts the shards together");
  app.add_flag("--resume", command->resume, "keep the results that are there, run what is missing");
  app.add_flag("--dry-run", command->dry_run, "check every point, show them and an estimated time");
  app.add_flag("--reports", command->reports, "keep each point's report in DIR/reports/POINT.json");
  app.add_option("--retries", command->retries,
                 "so many more workers get a point whose worker was killed")
      ->check(CLI::Range(0, 1000000));
  return [command](Console& console) { return sweep(*command, console); };
}

}  // namespace mxsim
