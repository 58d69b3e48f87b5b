#include "sim/import/trace_writer.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "sim/import/network_file.h"

namespace mxsim {
namespace {

using nlohmann::ordered_json;

std::string quoted(const std::string& text) {
  return ordered_json(text).dump(-1, ' ', false, ordered_json::error_handler_t::replace);
}

std::string list(const std::vector<std::string>& names) {
  std::string text;
  for (const std::string& name : names) text += (text.empty() ? "" : ", ") + quoted(name);
  return "[" + text + "]";
}

std::string value_text(const std::vector<std::int64_t>& value) {
  return value.size() == 1 ? std::to_string(value.front())
                           : fmt::format("[{}]", fmt::join(value, ", "));
}

std::string layer_text(const Layer& layer) {
  std::string text =
      fmt::format(R"({{"name": {}, "op": {}, "inputs": {}, "outputs": {})", quoted(layer.name),
                  quoted(layer.op), list(layer.inputs), list(layer.outputs));
  std::string attributes;
  for (const auto& [name, value] : layer.attributes) {
    attributes += (attributes.empty() ? "" : ", ") + quoted(name) + ": " + value_text(value);
  }
  if (!attributes.empty()) text += ", \"attributes\": {" + attributes + "}";
  std::string constants;
  for (const auto& [name, value] : layer.constants) {
    constants += fmt::format("{}{}: {}", constants.empty() ? "" : ", ", quoted(name), value);
  }
  if (!constants.empty()) text += ", \"constants\": {" + constants + "}";
  if (!layer.weights_of.empty()) text += ", \"weights_of\": " + quoted(layer.weights_of);
  if (layer.cost_alone) text += ", \"cost_alone\": true";
  std::string formats;
  for (const auto& [role, format] : layer.formats) {
    formats += (formats.empty() ? "" : ", ") + quoted(role) + ": " + quoted(format);
  }
  if (!formats.empty()) text += ", \"formats\": {" + formats + "}";
  return text + "}";
}

template <class Items, class Text>
std::string lines(const Items& items, Text text) {
  std::string all;
  for (const auto& item : items) all += (all.empty() ? "\n    " : ",\n    ") + text(item);
  return "[" + all + "\n  ]";
}

}  // namespace

std::string trace_file_text(const Graph& graph, const std::string& weights) {
  std::string text = fmt::format("{{\n  \"name\": {},\n  \"source\": {},\n", quoted(graph.name),
                                 quoted(graph.source));
  if (graph.parameters) text += fmt::format("  \"parameters\": {},\n", *graph.parameters);
  if (graph.macs) text += fmt::format("  \"macs\": {},\n", *graph.macs);
  if (!weights.empty()) text += fmt::format("  \"weights\": {},\n", quoted(weights));
  if (graph.unlinked) text += "  \"unlinked\": true,\n";
  text += "  \"inputs\": " + lines(graph.inputs, [](const GraphInput& input) {
            return fmt::format(R"({{"name": {}, "shape": [{}]}})", quoted(input.name),
                               fmt::join(input.shape, ", "));
          });
  text += ",\n  \"layers\": " + lines(graph.layers, layer_text);
  return text + ",\n  \"outputs\": " + list(graph.outputs) + "\n}\n";
}

std::optional<std::string> foreign_trace_text(const std::string& path,
                                              const ImportOptions& options) {
  const auto kind = network_file_kind(path);
  if (!kind) return std::nullopt;
  return trace_file_text(import_network(path, *kind, options).graph);
}

}  // namespace mxsim
