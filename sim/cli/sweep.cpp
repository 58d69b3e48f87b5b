#include "sim/explore/sweep.h"

#include <CLI/CLI.hpp>
#include <memory>

#include "sim/cli/progress.h"
#include "sim/cli/sweep_command.h"
#include "sim/explore/sweep_results.h"
#include "sim/report/sweep_report.h"
#include "sim/report/sweep_text.h"

namespace mxsim {
namespace {

/// The sweep with its workers, ready to be planned and run.
class SweepJob {
 public:
  /// `workers`: null for processes of its own.
  SweepJob(const SweepCommand& command, Console& console, std::unique_ptr<WorkerProcesses> workers)
      : command_(command),
        console_(console),
        source_(load_sweep(command.file)),
        space_(source_.config, source_.file),
        worker_(source_, command.reports_folder()),
        workers_(start_workers(command, std::move(workers), worker_)) {}

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
      shown.points.push_back({space_.settings(space_.coordinates(point.grid)), point.seconds,
                              point.dram_bytes, point.dram_capacity});
    }
    console_.out << (console_.json() ? dry_run_json(shown)
                                     : dry_run_text(shown, console_.text.width));
    return kExitDone;
  }

  int run() {
    const ResultsPlace place{command_.out, parse_shard(command_.shard), command_.reports_folder()};
    SweepResults results(place, command_.resume ? ResultsStart::kResume : ResultsStart::kNew,
                         plan_.hash, plan_.points.size());
    const int code = run_resumable(console_, [&] { run_missing(place.shard, results); });
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
    console_.out << (console_.json() ? sweep_json(summary)
                                     : sweep_text(summary, console_.text.width));
    return summary.count(PointStatus::kLost) > 0 ? kExitFailure : code;
  }

  const SweepCommand& command_;
  Console& console_;
  SweepSource source_;
  Space space_;
  PointWorker worker_;
  std::unique_ptr<WorkerProcesses> workers_;
  SweepPlan plan_;
};

int sweep(const SweepCommand& command, Console& console) {
  const auto load = [&] { return load_sweep(command.file); };
  return run_sweep_job(command, console, load, [&](std::unique_ptr<WorkerProcesses> launched) {
    parse_shard(command.shard);
    SweepJob job(command, console, std::move(launched));
    job.plan();
    return command.dry_run ? job.show() : job.run();
  });
}

}  // namespace

CommandAction set_up_sweep(CLI::App& app) {
  const auto command = std::make_shared<SweepCommand>();
  add_sweep_options(app, *command, "SWEEP");
  app.add_option("--shard", command->shard,
                 "I/N: every N-th point from the I-th on, into results.I-of-N.jsonl; --resume "
                 "without a shard puts the shards together");
  app.add_flag("--dry-run", command->dry_run, "check every point, show them and an estimated time");
  return [command](Console& console) { return sweep(*command, console); };
}

}  // namespace mxsim
