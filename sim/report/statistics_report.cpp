#include "sim/report/statistics_report.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "models/workload/layer_pattern.h"
#include "sim/report/csv_field.h"
#include "sim/report/version.h"

namespace mxsim {
namespace {

using Json = nlohmann::ordered_json;

double share(std::int64_t count, std::int64_t elements) {
  return elements == 0 ? 0 : static_cast<double>(count) / static_cast<double>(elements);
}

Json bins_json(const std::map<int, std::int64_t>& bins) {
  Json json = Json::array();
  for (const auto& [exponent, count] : bins) {
    json.push_back({{"exponent", exponent}, {"elements", count}});
  }
  return json;
}

Json operand_json(const OperandStatistics& operand) {
  const QuantizationStatistics& casts = operand.casts;
  Json modes = Json::object();
  for (const auto& [mode, count] : casts.modes) modes[mode] = count;
  return {{"layer", operand.layer},
          {"pass", to_string(operand.pass)},
          {"role", to_string(operand.role)},
          {"format", operand.format},
          {"elements", casts.elements},
          {"sqnr_db", casts.sqnr_db ? Json(*casts.sqnr_db) : Json()},
          {"saturated", casts.saturated},
          {"underflowed", casts.underflowed},
          {"zeros", casts.zeros},
          {"zero_share", share(casts.zeros, casts.elements)},
          {"not_finite", casts.not_finite},
          {"modes", modes},
          {"magnitudes", bins_json(operand.magnitudes)}};
}

struct ZeroCount {
  std::int64_t zeros = 0;
  std::int64_t elements = 0;
};

/// Zeros of a layer's GEMM operands in a pass.
struct LayerZeros {
  std::string layer;
  Pass pass = Pass::kForward;
  std::array<ZeroCount, 3> roles = {};  ///< weights, activations, gradients
};

std::vector<LayerZeros> layer_zeros(const FormatStatistics& format) {
  std::vector<LayerZeros> all;
  for (const MeasuredCasts& part : format.parts) {
    for (const OperandStatistics& operand : part.operands) {
      if (operand.role == OperandRole::kWeightGradients) continue;
      auto found = std::find_if(all.begin(), all.end(), [&](const LayerZeros& each) {
        return each.layer == operand.layer && each.pass == operand.pass;
      });
      if (found == all.end()) {
        found = all.insert(all.end(), LayerZeros{operand.layer, operand.pass});
      }
      ZeroCount& count = found->roles[static_cast<std::size_t>(operand.role)];
      count.zeros += operand.casts.zeros;
      count.elements += operand.casts.elements;
    }
  }
  return all;
}

Json zeros_json(const FormatStatistics& format) {
  Json json = Json::array();
  for (const LayerZeros& layer : layer_zeros(format)) {
    Json entry{{"layers", LayerPattern::quoted(layer.layer)}, {"passes", {to_string(layer.pass)}}};
    for (std::size_t role = 0; role < layer.roles.size(); ++role) {
      const ZeroCount& count = layer.roles[role];
      if (count.elements == 0) continue;
      entry[std::string(to_string(static_cast<OperandRole>(role)))] =
          share(count.zeros, count.elements);
    }
    json.push_back(std::move(entry));
  }
  return json;
}

/// visit(format, part, operand)
template <class Visit>
void for_each_operand(const StatisticsReport& report, Visit visit) {
  for (const FormatStatistics& format : report.formats) {
    for (const MeasuredCasts& part : format.parts) {
      for (const OperandStatistics& operand : part.operands) visit(format, part, operand);
    }
  }
}

std::string line_head(const FormatStatistics& format, const MeasuredCasts& part,
                      const OperandStatistics& operand) {
  return fmt::format("{},{},{},{},{},{},{}", csv_field(format.format), part.source, part.epoch,
                     csv_field(operand.layer), to_string(operand.pass), to_string(operand.role),
                     csv_field(operand.format));
}

std::string head_names(const StatisticsReport& report) {
  return "run_format," + report.source + ",epoch,layer,pass,role,format";
}

}  // namespace

Json to_json(const StatisticsReport& report) {
  Json json{{"workload", report.workload},
            {"version", version()},
            {"config_hash", report.config_hash},
            {"every", report.every},
            {"formats", Json::array()}};
  for (const FormatStatistics& format : report.formats) {
    Json entry{{"format", format.format}, {"zeros", zeros_json(format)}, {"parts", Json::array()}};
    for (const MeasuredCasts& part : format.parts) {
      Json operands = Json::array();
      for (const OperandStatistics& operand : part.operands) {
        operands.push_back(operand_json(operand));
      }
      Json each = Json::object();
      each[report.source] = part.source;
      if (part.epoch > 0) each["epoch"] = part.epoch;
      each["operands"] = std::move(operands);
      entry["parts"].push_back(std::move(each));
    }
    json["formats"].push_back(std::move(entry));
  }
  return json;
}

std::string statistics_csv(const StatisticsReport& report) {
  std::string text = head_names(report) +
                     ",elements,sqnr_db,saturated,underflowed,zeros,zero_share,not_finite,modes\n";
  for_each_operand(report, [&](const FormatStatistics& format, const MeasuredCasts& part,
                               const OperandStatistics& operand) {
    const QuantizationStatistics& casts = operand.casts;
    std::string modes;
    for (const auto& [mode, count] : casts.modes) {
      modes += fmt::format("{}{}={}", modes.empty() ? "" : " ", mode, count);
    }
    text += fmt::format("{},{},{},{},{},{},{},{},{}\n", line_head(format, part, operand),
                        casts.elements, casts.sqnr_db ? fmt::format("{}", *casts.sqnr_db) : "",
                        casts.saturated, casts.underflowed, casts.zeros,
                        share(casts.zeros, casts.elements), casts.not_finite, modes);
  });
  return text;
}

std::string histograms_csv(const StatisticsReport& report) {
  std::string text = head_names(report) + ",exponent,elements\n";
  for_each_operand(report, [&](const FormatStatistics& format, const MeasuredCasts& part,
                               const OperandStatistics& operand) {
    for (const auto& [exponent, count] : operand.magnitudes) {
      text += fmt::format("{},{},{}\n", line_head(format, part, operand), exponent, count);
    }
  });
  return text;
}

std::vector<std::string> statistics_files(const std::string& folder) {
  return {folder + "/statistics.json", folder + "/statistics.csv", folder + "/histograms.csv"};
}

void write_statistics(OutputSet& files, const std::string& folder, const StatisticsReport& report) {
  const std::vector<std::string> paths = statistics_files(folder);
  files.write(paths[0], to_json(report).dump(1) + "\n");
  files.write(paths[1], statistics_csv(report));
  files.write(paths[2], histograms_csv(report));
}

}  // namespace mxsim
