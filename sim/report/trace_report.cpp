#include "sim/report/trace_report.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "models/core/shape.h"
#include "sim/report/text_table.h"
#include "sim/report/wrapped_lines.h"

namespace mxsim {

std::int64_t bytes_bf16(const LayerSummary& layer) {
  std::int64_t values = layer.parameters + elements(layer.output);
  for (const Shape& input : layer.inputs) values += elements(input);
  return 2 * values;
}

std::string trace_json(const std::string& name, const GraphSummary& summary) {
  using nlohmann::ordered_json;
  ordered_json layers = ordered_json::array();
  for (const LayerSummary& layer : summary.layers) {
    layers.push_back({{"name", layer.name},
                      {"op", layer.op},
                      {"macs", layer.macs},
                      {"parameters", layer.parameters},
                      {"bytes_bf16", bytes_bf16(layer)},
                      {"inputs", layer.inputs},
                      {"output", layer.output}});
  }
  const ordered_json report{{"name", name},
                            {"parameters", summary.parameters},
                            {"macs", summary.macs},
                            {"layers", layers}};
  return report.dump(2) + "\n";
}

std::string trace_text(const std::string& name, const GraphSummary& summary, std::size_t width) {
  TextTable table({{"layer"},
                   {"op"},
                   {"inputs"},
                   {"output"},
                   {"MACs", Align::kRight},
                   {"parameters", Align::kRight},
                   {"bytes (bf16)", Align::kRight}});
  for (const LayerSummary& layer : summary.layers) {
    std::string inputs;
    for (const Shape& input : layer.inputs) {
      inputs += (inputs.empty() ? "" : ", ") + to_string(input);
    }
    table.add_row({layer.name, layer.op, inputs, to_string(layer.output),
                   std::to_string(layer.macs), std::to_string(layer.parameters),
                   std::to_string(bytes_bf16(layer))});
  }
  return wrapped_lines(fmt::format("{}: {} layers, {} parameters, {} MACs forward at batch 1", name,
                                   summary.layers.size(), summary.parameters, summary.macs),
                       width, 2) +
         table.text_in_parts(width, 1);
}

}  // namespace mxsim
