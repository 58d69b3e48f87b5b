#include "sim/report/ptq_report.h"

#include <fmt/format.h>

#include <cmath>

#include "models/core/safe_text.h"
#include "sim/report/text_table.h"
#include "sim/report/version.h"

namespace mxsim {
namespace {

using Json = nlohmann::ordered_json;

/// null where nothing is lost.
Json decibels(double value) { return std::isfinite(value) ? Json(value) : Json(); }

std::string decibel_text(double value) {
  return std::isfinite(value) ? fmt::format("{:.2f}", value) : "exact";
}

Json side_json(const PtqReport& report, const PtqSide& side) {
  return {{"formats", side.formats},
          {"accuracy", side.accuracy.mean},
          {"accuracy_low", side.accuracy.low},
          {"accuracy_high", side.accuracy.high},
          {"cycles", static_cast<double>(side.batch.result.cycles.count()) / report.images},
          {"time_s", side.batch.time_s / report.images},
          {"energy_pj", side.batch.energy_pj.value / report.images},
          {"energy_low_pj", side.batch.energy_pj.low / report.images},
          {"energy_high_pj", side.batch.energy_pj.high / report.images},
          {"config_hash", side.batch.identity.config_hash}};
}

Json layers_json(const PostTraining& result) {
  Json layers = Json::array();
  for (const QuantizedLayer& layer : result.layers) {
    layers.push_back({{"name", layer.name},
                      {"format", layer.format},
                      {"inputs", layer.rows},
                      {"outputs", layer.cols},
                      {"weight_sqnr_db", decibels(layer.weight_sqnr_db)},
                      {"output_sqnr_db", decibels(layer.output_sqnr_db)},
                      {"bias_corrected", layer.bias_corrected}});
  }
  return layers;
}

void add_side(const char* name, const PtqReport& report, const PtqSide& side, TextTable& table) {
  constexpr double kPercent = 100;
  constexpr double kMicro = 1e6;
  table.add_row(
      {name, side.formats, fmt::format("{:.2f}", side.accuracy.mean * kPercent),
       fmt::format("{:.2f} .. {:.2f}", side.accuracy.low * kPercent, side.accuracy.high * kPercent),
       fmt::format("{:.4g}", side.batch.time_s / report.images * kMicro),
       fmt::format("{:.4g}", side.batch.energy_pj.value / report.images / kMicro)});
}

}  // namespace

Json to_json(const PtqReport& report) {
  Json json{{"workload", report.after.batch.identity.workload},
            {"method", report.method},
            {"seed", report.seed},
            {"calibration_samples", report.calibration_samples},
            {"samples", report.test_samples}};
  if (report.settings.method == PtqMethod::kGptq) json["damping"] = report.settings.damping;
  if (report.settings.method == PtqMethod::kAdaRound) {
    json["iterations"] = report.settings.learned.iterations;
  }
  json["bias_correction"] = report.settings.corrects_bias;
  json["before"] = side_json(report, report.before);
  json["after"] = side_json(report, report.after);
  json["layers"] = layers_json(report.result);
  json["cast_alone"] = report.result.cast_alone;
  json["weights"] = report.output;
  json["version"] = version();
  return json;
}

std::string ptq_text(const PtqReport& report, std::size_t width) {
  std::string text = fmt::format("{}, {}, seed {}: {} calibration and {} test samples\n",
                                 report.after.batch.identity.workload, report.method, report.seed,
                                 report.calibration_samples, report.test_samples);
  TextTable layers({{"layer"},
                    {"weights"},
                    {"inputs x outputs", Align::kRight},
                    {"weights dB", Align::kRight},
                    {"output dB", Align::kRight}});
  for (const QuantizedLayer& layer : report.result.layers) {
    layers.add_row({layer.name, layer.format, fmt::format("{} x {}", layer.rows, layer.cols),
                    decibel_text(layer.weight_sqnr_db), decibel_text(layer.output_sqnr_db)});
  }
  for (const std::string& layer : report.result.cast_alone) {
    layers.add_row({layer, "cast alone", "", "", ""});
  }
  text += layers.text(Colour::kOff, width);
  TextTable sides({{""},
                   {"formats"},
                   {"accuracy %", Align::kRight},
                   {"95 % interval", Align::kRight},
                   {"us an image", Align::kRight},
                   {"uJ an image", Align::kRight}});
  add_side("before", report, report.before, sides);
  add_side("after", report, report.after, sides);
  return text + "\n" + sides.text(Colour::kOff, width) + escaped(report.output) + "\n";
}

}  // namespace mxsim
