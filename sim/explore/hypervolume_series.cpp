#include "sim/explore/hypervolume_series.h"

#include <algorithm>
#include <functional>

namespace mxsim {
namespace {

bool is_as_good(const Fitness& a, const Fitness& b) {
  return std::equal(a.begin(), a.end(), b.begin(), std::less_equal<>());
}

/// Of the best and worst values.
void find_corners(const std::vector<Evaluation>& evaluations, HypervolumeSeries& series) {
  for (const Evaluation& each : evaluations) {
    if (each.status != PointStatus::kOk) continue;
    if (series.ideal.empty()) series.ideal = series.reference = each.fitness;
    for (std::size_t i = 0; i < each.fitness.size(); ++i) {
      series.ideal[i] = std::min(series.ideal[i], each.fitness[i]);
      series.reference[i] = std::max(series.reference[i], each.fitness[i]);
    }
  }
}

Fitness normalised(const Fitness& point, const HypervolumeSeries& series) {
  Fitness place;
  for (std::size_t i = 0; i < point.size(); ++i) {
    const double width = series.reference[i] - series.ideal[i];
    place.push_back(width > 0 ? std::max(0.0, (point[i] - series.ideal[i]) / width) : 0);
  }
  return place;
}

/// False when a point of the front is as good.
bool add_to_front(std::vector<Fitness>& front, const Fitness& point) {
  const auto beaten_by_front = std::any_of(
      front.begin(), front.end(), [&](const Fitness& member) { return is_as_good(member, point); });
  if (beaten_by_front) return false;
  std::erase_if(front, [&](const Fitness& member) { return is_as_good(point, member); });
  front.push_back(point);
  return true;
}

}  // namespace

HypervolumeSeries hypervolume_series(const std::vector<Evaluation>& evaluations,
                                     const SearchConfig& search) {
  HypervolumeSeries series;
  find_corners(evaluations, series);
  if (!search.reference.empty()) series.reference = search.reference;
  if (!search.ideal.empty()) series.ideal = search.ideal;
  std::vector<Fitness> front;
  for (const Evaluation& each : evaluations) {
    if (each.status != PointStatus::kOk) continue;
    const bool better = add_to_front(front, normalised(each.fitness, series));
    const double volume =
        better ? hypervolume(front, Fitness(each.fitness.size(), 1.0)) : series.last();
    series.steps.push_back({each, front.size(), volume});
  }
  return series;
}

}  // namespace mxsim
