#include "sim/explore/explore_report.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "sim/report/outlook_text.h"
#include "sim/report/text_table.h"
#include "sim/report/wrapped_lines.h"

namespace mxsim {
namespace {

using nlohmann::ordered_json;

std::string name_of(Objective objective) {
  return std::string(choice_name(objective, kObjectiveNames));
}

ordered_json corner_json(const Fitness& corner, const std::vector<Objective>& objectives) {
  ordered_json json = ordered_json::object();
  for (std::size_t i = 0; i < corner.size(); ++i) json[name_of(objectives[i])] = corner[i];
  return json;
}

/// "cycles 1200, energy 3.1e+07"
std::string corner_text(const Fitness& corner, const std::vector<Objective>& objectives) {
  std::string text;
  for (std::size_t i = 0; i < corner.size(); ++i) {
    text += fmt::format("{}{} {:.6g}", i == 0 ? "" : ", ", name_of(objectives[i]), corner[i]);
  }
  return text;
}

/// The volume after a tenth, a quarter, ... of the evaluations.
std::string progress_text(const HypervolumeSeries& series) {
  constexpr std::array<int, 6> kPercents{5, 10, 25, 50, 75, 100};
  TextTable table({{"evaluations", Align::kRight},
                   {"generation", Align::kRight},
                   {"front", Align::kRight},
                   {"hypervolume", Align::kRight}});
  std::size_t shown = 0;
  for (const int percent : kPercents) {
    const std::size_t count = (series.steps.size() * static_cast<std::size_t>(percent) + 99) / 100;
    if (count == shown) continue;
    shown = count;
    const HypervolumeStep& step = series.steps[count - 1];
    table.add_row({std::to_string(count), std::to_string(step.evaluation.generation),
                   std::to_string(step.front), fmt::format("{:.6f}", step.hypervolume)});
  }
  return table.text();
}

std::string points_text(const Space& space) {
  const std::optional<std::uint64_t> points = space.points();
  return points ? std::to_string(*points) : "more than 2^64";
}

std::vector<std::string> values_of(const Space& space, std::size_t axis) {
  std::vector<std::string> values;
  for (std::uint32_t value = 0; value < space.values(axis); ++value) {
    values.push_back(settings_text(space.settings(axis, value)));
  }
  return values;
}

}  // namespace

namespace {

double estimated_seconds(const ExplorePlan& plan) {
  return plan.seconds_of_run * static_cast<double>(plan.most_runs) / static_cast<double>(plan.jobs);
}

}  // namespace

std::string plan_text(const ExplorePlan& plan, std::size_t width) {
  constexpr std::size_t kMostValues = 64;
  TextTable table({{"axis", Align::kRight}, {"values", Align::kRight}, {"settings"}});
  for (std::size_t axis = 0; axis < plan.space.axes(); ++axis) {
    const std::vector<std::string> values = values_of(plan.space, axis);
    for (std::size_t i = 0; i < std::min(values.size(), kMostValues); ++i) {
      table.add_row({i == 0 ? std::to_string(axis) : "",
                     i == 0 ? std::to_string(values.size()) : "", values[i]});
    }
  }
  const SearchConfig& search = plan.search;
  const std::string limit =
      search.evaluations > 0 ? fmt::format(", at most {} runs", search.evaluations) : "";
  std::string text =
      fmt::format("{} points; {} generations of {} after the first{}; {} jobs\n",
                  points_text(plan.space), search.generations, search.population, limit, plan.jobs);
  if (plan.seconds_of_run > 0) {
    text += fmt::format(
        "at most {} runs, about {} if all take as long as the space's first, "
        "middle and last point\n",
        plan.most_runs, time_text(estimated_seconds(plan)));
  }
  return table.text_in_parts(width, 3) + wrapped_lines(text, width, 2);
}

std::string plan_json(const ExplorePlan& plan) {
  ordered_json axes = ordered_json::array();
  for (std::size_t axis = 0; axis < plan.space.axes(); ++axis) {
    axes.push_back(
        {{"values", plan.space.values(axis)}, {"settings", values_of(plan.space, axis)}});
  }
  return ordered_json{{"explore", plan.hash},
                      {"points", points_text(plan.space)},
                      {"population", plan.search.population},
                      {"generations", plan.search.generations},
                      {"evaluations", plan.search.evaluations},
                      {"jobs", plan.jobs},
                      {"most_runs", plan.most_runs},
                      {"estimate_s", estimated_seconds(plan)},
                      {"axes", axes}}
             .dump(1) +
         "\n";
}

std::string hypervolume_csv(const HypervolumeSeries& series,
                            const std::vector<Objective>& objectives) {
  std::string text = "evaluation,point,generation,front,hypervolume";
  std::string corners;
  for (std::size_t i = 0; i < series.ideal.size(); ++i) {
    text += fmt::format(",ideal/{0},reference/{0}", name_of(objectives[i]));
    corners += fmt::format(",{},{}", series.ideal[i], series.reference[i]);
  }
  text += "\n";
  for (std::size_t i = 0; i < series.steps.size(); ++i) {
    const HypervolumeStep& step = series.steps[i];
    text += fmt::format("{},{},{},{},{}{}\n", i + 1, step.evaluation.point,
                        step.evaluation.generation, step.front, step.hypervolume, corners);
  }
  return text;
}

std::string explore_text(const SweepSummary& summary, const HypervolumeSeries& series,
                         std::size_t width) {
  const std::string left_out =
      fmt::format("{} points break a constraint\n", summary.count(PointStatus::kLeftOut));
  const std::string points = sweep_text(summary, width) + left_out;
  if (series.steps.empty()) return points;
  const std::string volume = fmt::format(
      "hypervolume {:.6f}: share of the box from ({}) to ({}) that is worse than the front",
      series.last(), corner_text(series.ideal, summary.objectives),
      corner_text(series.reference, summary.objectives));
  return points + wrapped(volume, width, 2) + "\n" + progress_text(series);
}

std::string explore_json(const SweepSummary& summary, const HypervolumeSeries& series) {
  ordered_json json = ordered_json::parse(sweep_json(summary));
  json["left_out"] = summary.count(PointStatus::kLeftOut);
  json["hypervolume"] = series.last();
  json["ideal"] = corner_json(series.ideal, summary.objectives);
  json["reference"] = corner_json(series.reference, summary.objectives);
  return json.dump(1) + "\n";
}

}  // namespace mxsim
