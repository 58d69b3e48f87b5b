#include <CLI/CLI.hpp>
#include <limits>
#include <memory>

#include "sim/cli/progress.h"
#include "sim/cli/sweep_command.h"
#include "sim/explore/exploration.h"
#include "sim/explore/explore_report.h"
#include "sim/explore/hypervolume_series.h"
#include "sim/explore/sweep.h"
#include "sim/report/sweep_report.h"

namespace mxsim {
namespace {

/// A search with its workers.
class ExploreJob {
 public:
  ExploreJob(const SweepCommand& command, Console& console,
             std::unique_ptr<WorkerProcesses> workers)
      : command_(command),
        console_(console),
        source_(load_exploration(command.file)),
        space_(source_.space.config, source_.space.file),
        worker_(source_.space, command.reports_folder()),
        workers_(start_workers(command, std::move(workers), worker_)) {}

  int show() {
    const ExplorePlan plan{source_.hash,     space_,        source_.search,
                           workers_->size(), most_points(), seconds_of_run()};
    console_.out << (console_.json() ? plan_json(plan) : plan_text(plan, console_.text.width));
    return kExitDone;
  }

  int run() {
    const ResultsPlace place{command_.out, {}, command_.reports_folder()};
    SweepResults results(place, command_.resume ? ResultsStart::kResume : ResultsStart::kNew,
                         source_.hash, std::numeric_limits<std::uint64_t>::max());
    Progress progress(console_.err, "explore", "points");
    const DispatchRules rules{command_.retries,
                              [&] { progress.update(results.size(), most_points()); }};
    Exploration exploration(source_, space_, *workers_, rules, results);
    const int code = run_resumable(console_, [&] { exploration.run(); });
    finish(place, exploration.evaluations(), results);
    return code;
  }

 private:
  /// Mean of the first, the middle and the last point, as far as they are allowed.
  double seconds_of_run() {
    double seconds = 0;
    int known = 0;
    for (const std::uint32_t part : {0u, 1u, 2u}) {
      Coordinates at;
      for (std::size_t axis = 0; axis < space_.axes(); ++axis) {
        at.push_back(static_cast<std::uint32_t>((space_.values(axis) - 1) * part / 2));
      }
      const PointCheck check = worker_.check(at, PointRequest::Ask::kEstimate);
      if (!check.allowed || !check.faults.empty()) continue;
      seconds += check.seconds;
      ++known;
    }
    return known == 0 ? 0 : seconds / known;
  }

  /// The search may end before.
  std::size_t most_points() const {
    const SearchConfig& search = source_.search;
    std::uint64_t most = static_cast<std::uint64_t>(search.population) *
                         static_cast<std::uint64_t>(1 + search.generations);
    if (search.evaluations > 0) {
      most = std::min(most, static_cast<std::uint64_t>(search.evaluations));
    }
    return std::min(most, space_.points().value_or(most));
  }

  void finish(const ResultsPlace& place, const std::vector<Evaluation>& evaluations,
              const SweepResults& results) const {
    const std::vector<Objective>& objectives = source_.space.config.objectives;
    SweepSummary summary{source_.hash, place.lines_path(), evaluations.size(),
                         objectives,   results.sorted(),   {}};
    summary.front = fronts(summary.results, objectives);
    const HypervolumeSeries series = hypervolume_series(evaluations, source_.search);
    write_table(place.folder + "/results.csv", results_csv(summary.results, summary.front));
    write_table(place.folder + "/hypervolume.csv", hypervolume_csv(series, objectives));
    console_.out << (console_.json() ? explore_json(summary, series)
                                     : explore_text(summary, series, console_.text.width));
  }

  const SweepCommand& command_;
  Console& console_;
  ExploreSource source_;
  Space space_;
  PointWorker worker_;
  std::unique_ptr<WorkerProcesses> workers_;
};

int explore(const SweepCommand& command, Console& console) {
  const auto load = [&] { return load_exploration(command.file).space; };
  return run_sweep_job(command, console, load, [&](std::unique_ptr<WorkerProcesses> launched) {
    ExploreJob job(command, console, std::move(launched));
    return command.dry_run ? job.show() : job.run();
  });
}

}  // namespace

CommandAction set_up_explore(CLI::App& app) {
  const auto command = std::make_shared<SweepCommand>();
  add_sweep_options(app, *command, "EXPLORE");
  app.add_flag("--dry-run", command->dry_run, "show the axes and the limits of the search");
  return [command](Console& console) { return explore(*command, console); };
}

}  // namespace mxsim
