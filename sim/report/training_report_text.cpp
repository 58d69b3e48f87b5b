#include "sim/report/training_report_text.h"

#include <fmt/format.h>

#include "models/core/safe_text.h"
#include "sim/report/csv_field.h"
#include "sim/report/text_table.h"
#include "sim/report/version.h"
#include "sim/report/wrapped_lines.h"

namespace mxsim {
namespace {

using Json = nlohmann::ordered_json;

std::vector<double> final_accuracies(const TrainedFormat& format) {
  std::vector<double> shares;
  for (const TrainedSeed& seed : format.seeds) shares.push_back(seed.epochs.back().accuracy);
  return shares;
}

double mean_loss(const TrainedFormat& format, std::size_t epoch) {
  double sum = 0;
  for (const TrainedSeed& seed : format.seeds) sum += seed.epochs[epoch].loss;
  return sum / static_cast<double>(format.seeds.size());
}

double mean_accuracy(const TrainedFormat& format, std::size_t epoch) {
  double sum = 0;
  for (const TrainedSeed& seed : format.seeds) sum += seed.epochs[epoch].accuracy;
  return sum / static_cast<double>(format.seeds.size());
}

std::size_t epochs_of(const TrainedFormat& format) { return format.seeds.front().epochs.size(); }

/// Of one epoch.
std::int64_t steps_of(const TrainingReport& report, const TrainedFormat& format) {
  return report.steps / static_cast<std::int64_t>(epochs_of(format));
}

Json cost_json(const TrainedFormat& format, double steps) {
  const RunReport& step = format.step;
  return {{"cycles", static_cast<double>(step.result.cycles.count()) * steps},
          {"time_s", step.time_s * steps},
          {"energy_pj", step.energy_pj.value * steps},
          {"energy_low_pj", step.energy_pj.low * steps},
          {"energy_high_pj", step.energy_pj.high * steps}};
}

Json epochs_json(const std::vector<EpochResult>& epochs) {
  Json json = Json::array();
  for (std::size_t i = 0; i < epochs.size(); ++i) {
    json.push_back({{"epoch", i + 1}, {"accuracy", epochs[i].accuracy}, {"loss", epochs[i].loss}});
  }
  return json;
}

Json planes_json(const TrainedFormat& format) {
  Json json = Json::array();
  for (const PlaneCost& cost : format.planes) {
    json.push_back({{"layer", cost.layer},
                    {"pass", to_string(cost.pass)},
                    {"groups", cost.groups},
                    {"kept", cost.kept},
                    {"binary_macs", cost.macs},
                    {"plane_macs", cost.plane_macs(format.gradient_bits)}});
  }
  return {{"bits", format.gradient_bits}, {"backward_gemms", json}};
}

/// Backward GEMMs of one-bit layers against binary GEMMs of all their samples and channels.
std::string planes_line(const TrainedFormat& format) {
  double planes = 0;
  double whole = 0;
  for (const PlaneCost& cost : format.planes) {
    planes += cost.plane_macs(format.gradient_bits);
    whole += static_cast<double>(cost.macs);
  }
  return fmt::format(
      "{}: {} backward GEMMs as bit planes make {:.4g} one-bit products a step, {:.3f} of binary "
      "GEMMs\n",
      format.label, format.planes.size(), planes, planes / whole);
}

Json format_json(const TrainingReport& report, const TrainedFormat& format) {
  const Interval accuracy = accuracy_interval(final_accuracies(format), report.test_samples);
  Json json{{"format", format.label},
            {"seeds", format.seeds.size()},
            {"accuracy", {{"mean", accuracy.mean}, {"low", accuracy.low}, {"high", accuracy.high}}},
            {"loss", mean_loss(format, epochs_of(format) - 1)}};
  json["step"] = cost_json(format, 1);
  json["step"]["cycles"] = format.step.result.cycles.count();
  json["total"] = cost_json(format, static_cast<double>(report.steps));
  json["total"]["cycles"] = format.step.result.cycles.count() * report.steps;
  json["total"]["steps"] = report.steps;
  if (!format.planes.empty()) json["gradients"] = planes_json(format);
  if (report.target > 0) {
    json["target"] = {{"accuracy", report.target}};
    if (const auto epochs = epochs_to(format, report.target)) {
      const std::int64_t steps = steps_of(report, format) * *epochs;
      json["target"]["epochs"] = *epochs;
      json["target"]["steps"] = steps;
      json["target"]["energy_pj"] = format.step.energy_pj.value * static_cast<double>(steps);
    }
  }
  std::vector<EpochResult> means;
  for (std::size_t i = 0; i < epochs_of(format); ++i) {
    means.push_back({mean_accuracy(format, i), mean_loss(format, i)});
  }
  json["epochs"] = epochs_json(means);
  json["runs"] = Json::array();
  for (const TrainedSeed& seed : format.seeds) {
    json["runs"].push_back({{"seed", seed.seed},
                            {"accuracy", seed.epochs.back().accuracy},
                            {"loss", seed.epochs.back().loss},
                            {"epochs", epochs_json(seed.epochs)}});
  }
  return json;
}

Json teacher_json(const TeacherReport& teacher) {
  return {{"weights", teacher.weights},
          {"weight", teacher.weight},
          {"temperature", teacher.temperature},
          {"accuracy", teacher.accuracy},
          {"step",
           {{"cycles", teacher.forward.result.cycles.count()},
            {"time_s", teacher.forward.time_s},
            {"energy_pj", teacher.forward.energy_pj.value}}}};
}

/// Its inference is not part of the steps in the table.
std::string teacher_line(const TeacherReport& teacher) {
  return fmt::format(
      "teacher {}: {:.2f} % of the test labels; its inference in bf16 adds {:.4g} ms and {:.4g} mJ "
      "to a step\n",
      escaped(teacher.weights), 100 * teacher.accuracy, teacher.forward.time_s * 1e3,
      teacher.forward.energy_pj.value / 1e9);
}

}  // namespace

Json to_json(const TrainingReport& report) {
  Json json{{"workload", report.workload},
            {"train_samples", report.train_samples},
            {"test_samples", report.test_samples},
            {"batch", report.batch},
            {"version", version()},
            {"config_hash", report.config_hash},
            {"formats", Json::array()}};
  if (report.teacher) json["teacher"] = teacher_json(*report.teacher);
  for (const TrainedFormat& format : report.formats) {
    json["formats"].push_back(format_json(report, format));
  }
  return json;
}

std::string training_csv(const TrainingReport& report) {
  std::string text = "format,seed,epoch,accuracy,loss,steps,cycles,time_s,energy_pj\n";
  for (const TrainedFormat& format : report.formats) {
    const auto per_epoch = report.steps / static_cast<std::int64_t>(epochs_of(format));
    for (const TrainedSeed& seed : format.seeds) {
      for (std::size_t i = 0; i < seed.epochs.size(); ++i) {
        const std::int64_t steps = per_epoch * static_cast<std::int64_t>(i + 1);
        const auto count = static_cast<double>(steps);
        text += fmt::format("{},{},{},{},{},{},{},{},{}\n", csv_field(format.label), seed.seed,
                            i + 1, seed.epochs[i].accuracy, seed.epochs[i].loss, steps,
                            format.step.result.cycles.count() * steps, format.step.time_s * count,
                            format.step.energy_pj.value * count);
      }
    }
  }
  return text;
}

std::string training_text(const TrainingReport& report, std::size_t width) {
  constexpr double kPercent = 100;
  constexpr double kPicojoulesPerMillijoule = 1e9;
  std::vector<TextTable::Column> columns{{"format"},
                                         {"accuracy %", Align::kRight},
                                         {"95 % interval", Align::kRight},
                                         {"loss", Align::kRight},
                                         {"step ms", Align::kRight},
                                         {"step mJ", Align::kRight},
                                         {"training s", Align::kRight},
                                         {"training J", Align::kRight}};
  const std::string target = fmt::format("J to {:g} %", report.target * kPercent);
  if (report.target > 0) columns.push_back({target, Align::kRight});
  TextTable table(columns);
  for (const TrainedFormat& format : report.formats) {
    const Interval accuracy = accuracy_interval(final_accuracies(format), report.test_samples);
    const double millijoules = format.step.energy_pj.value / kPicojoulesPerMillijoule;
    const auto steps = static_cast<double>(report.steps);
    std::vector<std::string> row{
        format.label,
        fmt::format("{:.2f}", accuracy.mean * kPercent),
        fmt::format("{:.2f} .. {:.2f}", accuracy.low * kPercent, accuracy.high * kPercent),
        fmt::format("{:.4f}", mean_loss(format, epochs_of(format) - 1)),
        fmt::format("{:.4g}", format.step.time_s * 1e3),
        fmt::format("{:.4g}", millijoules),
        fmt::format("{:.4g}", format.step.time_s * steps),
        fmt::format("{:.4g}", millijoules * steps / 1e3)};
    if (report.target > 0) {
      const auto epochs = epochs_to(format, report.target);
      row.push_back(epochs ? fmt::format("{:.4g}", millijoules / 1e3 *
                                                       static_cast<double>(
                                                           steps_of(report, format) * *epochs))
                           : "not reached");
    }
    table.add_row(row);
  }
  std::string planes;
  for (const TrainedFormat& format : report.formats) {
    if (!format.planes.empty()) planes += planes_line(format);
  }
  const std::string head =
      fmt::format("{}, {} training and {} test samples, batch {}, {} steps", report.workload,
                  report.train_samples, report.test_samples, report.batch, report.steps);
  const std::string notes = planes + (report.teacher ? teacher_line(*report.teacher) : "");
  return wrapped_lines(head, width, 2) + table.text_in_parts(width, 1) +
         wrapped_lines(notes, width, 2);
}

}  // namespace mxsim
