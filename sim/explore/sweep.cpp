#include "sim/explore/sweep.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <numeric>
#include <set>
#include <stdexcept>
#include <tuple>

#include "models/core/rng.h"
#include "sim/explore/pareto_front.h"
#include "sim/explore/quality.h"
#include "sim/report/sweep_report.h"
#include "sim/report/version.h"

namespace mxsim {

double SweepPlan::seconds() const {
  return std::accumulate(points.begin(), points.end(), 0.0,
                         [](double sum, const PlannedPoint& point) { return sum + point.seconds; });
}

// Floyd's algorithm: as many draws as points.
std::vector<std::uint64_t> sampled_points(const SampleConfig& sample, std::uint64_t grid) {
  if (sample.count == 0) {
    std::vector<std::uint64_t> all(grid);
    std::iota(all.begin(), all.end(), std::uint64_t{0});
    return all;
  }
  const CounterRng rng(sample.seed, "sample");
  std::set<std::uint64_t> drawn;
  for (std::uint64_t last = grid - static_cast<std::uint64_t>(sample.count); last < grid; ++last) {
    if (!drawn.insert(rng.bits(last) % (last + 1)).second) drawn.insert(last);
  }
  return {drawn.begin(), drawn.end()};
}

namespace {

/// Faults of many points, each kept once with the first point that has it.
class PointFaults {
 public:
  void add(const PointCheck& check, const Settings& settings) {
    for (const Diagnostic& fault : check.faults) {
      auto& [point, count] = seen_[{fault.file, fault.pointer, fault.message}];
      if (count++ == 0) point = settings_text(settings);
    }
  }

  void throw_if_any() const {
    std::vector<Diagnostic> faults;
    for (const auto& [fault, where] : seen_) {
      const auto& [file, pointer, message] = fault;
      const std::string more =
          where.second > 1 ? fmt::format(" and {} more points", where.second - 1) : "";
      faults.push_back({file, pointer, fmt::format("{} (at {}{})", message, where.first, more)});
    }
    if (!faults.empty()) throw InputError(std::move(faults));
  }

 private:
  using Fault = std::tuple<std::string, std::string, std::string>;
  std::map<Fault, std::pair<std::string, std::size_t>> seen_;
};

/// Ends a sweep early whose points all have the same fault: a sweep with one faulty point is
/// refused in any case.
class CommonFaults {
 public:
  void add(const PointCheck& check) {
    std::vector<Diagnostic> left;
    for (const Diagnostic& fault : check.faults) {
      const bool common =
          points_ == 0 || std::find(common_.begin(), common_.end(), fault) != common_.end();
      if (common) left.push_back(fault);
    }
    common_ = std::move(left);
    ++points_;
  }

  void throw_if_many(std::size_t all) const {
    constexpr std::size_t kMany = 256;
    if (points_ < kMany || common_.empty()) return;
    std::vector<Diagnostic> faults = common_;
    for (Diagnostic& fault : faults) {
      fault.message += fmt::format(" (at each of the {} points tried, of {})", points_, all);
    }
    throw InputError(std::move(faults));
  }

 private:
  std::vector<Diagnostic> common_;  ///< to all points so far
  std::size_t points_ = 0;
};

/// Candidates of one request.
struct Chunk {
  std::size_t begin = 0;
  std::size_t end = 0;
};

std::vector<Chunk> chunks_of(std::size_t candidates, std::size_t workers) {
  constexpr std::size_t kLargest = 64;
  const std::size_t size = std::clamp<std::size_t>(candidates / (8 * workers), 1, kLargest);
  std::vector<Chunk> chunks;
  for (std::size_t at = 0; at < candidates; at += size) {
    chunks.push_back({at, std::min(at + size, candidates)});
  }
  return chunks;
}

SweepPlan plan_of(const Space& space, const QualityConfig& quality,
                  const std::vector<std::uint64_t>& candidates,
                  const std::vector<PointCheck>& checks) {
  PointFaults faults;
  SweepPlan plan;
  std::uint64_t hash = stable_hash(text_of(quality), stable_hash(version()));
  for (std::size_t i = 0; i < candidates.size(); ++i) {
    const Settings settings = space.settings(space.coordinates(candidates[i]));
    faults.add(checks[i], settings);
    if (!checks[i].allowed) continue;
    plan.points.push_back(
        {candidates[i], checks[i].seconds, checks[i].dram_bytes, checks[i].dram_capacity});
    hash = stable_hash(settings_text(settings) + checks[i].config_hash, hash);
  }
  faults.throw_if_any();
  plan.hash = fmt::format("{:016x}", hash);
  return plan;
}

}  // namespace

SweepPlan plan_sweep(const SweepSource& source, const Space& space, WorkerProcesses& workers,
                     const DispatchRules& rules,
                     const std::function<void(std::size_t done, std::size_t total)>& progress,
                     PointRequest::Ask ask) {
  const std::optional<std::uint64_t> grid = space.points();
  ensure(grid.has_value(), "a sweep whose points were not counted");
  const std::vector<std::uint64_t> candidates = sampled_points(source.config.sample, *grid);
  const std::vector<Chunk> chunks = chunks_of(candidates.size(), workers.size());
  std::vector<PointCheck> checks(candidates.size());
  CommonFaults common;
  std::size_t done = 0;
  const auto request = [&](std::size_t chunk) {
    PointRequest asked;
    asked.ask = ask;
    for (std::size_t i = chunks[chunk].begin; i < chunks[chunk].end; ++i) {
      asked.points.push_back(space.coordinates(candidates[i]));
    }
    return pack(asked);
  };
  dispatch(workers, chunks.size(), request, rules, [&](const DispatchResult& result) {
    if (!result.answer)
      throw std::runtime_error("a worker that checks points ended: " + result.end);
    std::vector<PointCheck> answer = unpack_checks(*result.answer);
    for (const PointCheck& check : answer) common.add(check);
    common.throw_if_many(candidates.size());
    std::move(answer.begin(), answer.end(),
              checks.begin() + static_cast<std::ptrdiff_t>(chunks[result.index].begin));
    done += answer.size();
    progress(done, candidates.size());
  });
  SweepPlan plan = plan_of(space, source.config.quality, candidates, checks);
  if (plan.points.empty()) {
    throw InputError({{source.file, "/constraints", "no point meets them"}});
  }
  return plan;
}

void run_requests(const std::vector<PointRequest>& requests, const Space& space,
                  WorkerProcesses& workers, const DispatchRules& rules,
                  const std::function<void(const std::string& line)>& finished) {
  const auto request = [&](std::size_t index) { return pack(requests[index]); };
  dispatch(workers, requests.size(), request, rules, [&](const DispatchResult& result) {
    if (!result.answer) {
      const PointRequest& lost = requests[result.index];
      finished(failure_line(
          {lost.number, lost.sweep, space.settings(lost.points.front())},
          fmt::format("its worker ended by {} in each of {} tries", result.end, rules.retries + 1),
          PointStatus::kLost));
      return;
    }
    const PointOutcome outcome = unpack_outcome(*result.answer);
    if (outcome.state == PointOutcome::State::kStopped) throw std::runtime_error(outcome.text);
    finished(outcome.text);
  });
}

void run_points(const SweepPlan& plan, const Space& space, const std::vector<std::uint64_t>& points,
                WorkerProcesses& workers, const DispatchRules& rules,
                const std::function<void(const std::string& line)>& finished) {
  std::vector<PointRequest> requests;
  for (const std::uint64_t number : points) {
    requests.push_back({PointRequest::Ask::kRun,
                        {space.coordinates(plan.points[number].grid)},
                        number,
                        plan.hash});
  }
  run_requests(requests, space, workers, rules, finished);
}

std::vector<bool> fronts(const std::vector<ResultLine>& results,
                         const std::vector<Objective>& objectives) {
  std::map<std::string, std::vector<std::size_t>> works;
  for (std::size_t i = 0; i < results.size(); ++i) {
    if (results[i].status != PointStatus::kOk) continue;
    Settings work;
    for (const Setting& each : results[i].settings) {
      if (decides_work(each.key)) work.push_back(each);
    }
    works[settings_text(work)].push_back(i);
  }
  std::vector<bool> on_front(results.size());
  for (const auto& [work, members] : works) {
    std::vector<std::vector<double>> values;
    for (const std::size_t i : members) {
      std::vector<double>& row = values.emplace_back();
      for (const Objective objective : objectives) {
        row.push_back(results[i].objectives[static_cast<std::size_t>(objective)]);
      }
    }
    const std::vector<bool> front = pareto_front(values);
    for (std::size_t k = 0; k < members.size(); ++k) on_front[members[k]] = front[k];
  }
  return on_front;
}

}  // namespace mxsim
