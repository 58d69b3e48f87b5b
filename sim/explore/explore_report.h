#pragma once

#include <string>

#include "sim/explore/hypervolume_series.h"
#include "sim/report/sweep_text.h"

namespace mxsim {

/// What a search is going to do.
struct ExplorePlan {
  std::string hash;
  const Space& space;
  const SearchConfig& search;
  std::size_t jobs = 1;
  std::size_t most_runs = 0;
  double seconds_of_run = 0;  ///< estimated, on one core; 0: of no point known
};
std::string plan_text(const ExplorePlan& plan, std::size_t width);
std::string plan_json(const ExplorePlan& plan);

/// A row for each evaluation that went well, with the corners of the box in every row.
std::string hypervolume_csv(const HypervolumeSeries& series,
                            const std::vector<Objective>& objectives);

/// What a search has found: a sweep's summary, whose `points` are those tried, and the volume of
/// its front.
std::string explore_text(const SweepSummary& summary, const HypervolumeSeries& series,
                         std::size_t width = kPipeWidth);
std::string explore_json(const SweepSummary& summary, const HypervolumeSeries& series);

}  // namespace mxsim
