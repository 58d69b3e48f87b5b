#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "sim/config/result_line.h"
#include "sim/explore/point_worker.h"
#include "sim/workers/dispatcher.h"

namespace mxsim {

/// A point that is going to be run.
struct PlannedPoint {
  std::uint64_t grid = 0;  ///< its number in the whole grid
  // If they were asked for:
  double seconds = 0;              ///< estimated
  std::int64_t dram_bytes = 0;     ///< of its tensors
  std::int64_t dram_capacity = 0;  ///< of its device
};

/// The points of a sweep, every one of them checked. A point's number is its place here.
struct SweepPlan {
  std::vector<PlannedPoint> points;
  std::string hash;  ///< of the program's version and every point's settings and configuration

  double seconds() const;
};

/// Numbers, of the grid's points, that the sweep's sample takes; all without a sample. Ascending.
std::vector<std::uint64_t> sampled_points(const SampleConfig& sample, std::uint64_t grid);

/// Checks all points with the help of the workers; kEstimate also estimates their times. Throws
/// InputError with every fault of every point, each told once with the point's settings, or when no
/// point is left.
SweepPlan plan_sweep(const SweepSource& source, const Space& space, WorkerProcesses& workers,
                     const DispatchRules& rules,
                     const std::function<void(std::size_t done, std::size_t total)>& progress,
                     PointRequest::Ask ask = PointRequest::Ask::kCheck);

/// Has each request done and hands over its line of results.jsonl as it comes. Throws
/// std::runtime_error when a worker could not write.
void run_requests(const std::vector<PointRequest>& requests, const Space& space,
                  WorkerProcesses& workers, const DispatchRules& rules,
                  const std::function<void(const std::string& line)>& finished);

/// Runs these points (places in the plan) and hands over their lines of results.jsonl as they
/// come; see run_requests().
void run_points(const SweepPlan& plan, const Space& space, const std::vector<std::uint64_t>& points,
                WorkerProcesses& workers, const DispatchRules& rules,
                const std::function<void(const std::string& line)>& finished);

/// Which results are on the front of their work: points with another workload, mode or batch are
/// not compared. Failed points are on none.
std::vector<bool> fronts(const std::vector<ResultLine>& results,
                         const std::vector<Objective>& objectives);

}  // namespace mxsim
