#include "sim/train/teacher.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "models/core/error.h"
#include "models/formats/format_table.h"
#include "models/workload/own_parameters.h"
#include "models/workload/skip_connections.h"

namespace mxsim {
namespace {

void set_weights(InferredNetwork& network, const NetworkTensors& weights, const std::string& path) {
  try {
    network.set(weights);
  } catch (const InputError& error) {
    std::vector<Diagnostic> faults = error.diagnostics();
    for (Diagnostic& fault : faults) fault.file = path;
    throw InputError(std::move(faults));
  }
}

void teach(std::vector<Layer>& layers, const Teaching& teaching) {
  for (Layer& layer : layers) {
    if (layer.op != "cross_entropy" && layer.op != "next_token") continue;
    layer.attributes["teacher"] = {1};
    layer.constants["teacher_weight"] = teaching.weight;
    layer.constants["teacher_temperature"] = teaching.temperature;
  }
}

}  // namespace

RunConfig teacher_config(const RunConfig& run) {
  RunConfig config = run;
  config.mode = Mode::kInfer;
  config.gradient_accumulation_steps = 1;
  state_skips(config.workload, SkipPolicy::kKeep);
  config.formats = {};
  config.formats.format = parse_format("bf16");
  config.chip.array.accumulator = Accumulator::kFp32;
  config.chip.array.sums.clear();
  config.mapping.pinned.clear();
  return config;
}

Teacher::Teacher(const RunConfig& run, const NetworkTensors& weights, const std::string& path,
                 Workers& workers)
    : config_(teacher_config(run)),
      network_(config_.workload, lowering_policy(config_), config_.chip.array, workers) {
  set_weights(network_, weights, path);
}

std::vector<float> Teacher::scores(std::span<const float> inputs) {
  std::vector<float> scores = network_.classify(inputs);
  for (float& each : scores) {
    each = std::log(std::max(each, std::numeric_limits<float>::min()));
  }
  return scores;
}

double Teacher::accuracy(const SampleFeed& feed) {
  return mxsim::accuracy(network_, feed, config_.batch);
}

Graph taught_graph(Graph graph, const Teaching& teaching) {
  teach(graph.layers, teaching);
  for (Block& block : graph.blocks) teach(block.layers, teaching);
  return graph;
}

NetworkTensors taught_start(NetworkTensors fresh, const NetworkTensors& teacher,
                            const RunConfig& run) {
  const auto take = [&](const std::string& name) {
    const auto given = teacher.find(name);
    const auto own = fresh.find(name);
    if (given == teacher.end() || own == fresh.end()) return;
    if (given->second.size() == own->second.size()) own->second = given->second;
  };
  const ShapedGraph shaped = shape_graph(run.workload, 1, run_dimensions(run));
  for (const ShapedLayer& layer : shaped.layers) {
    for (const ParameterSpec& spec : own_parameters(layer)) {
      take(layer.name + "." + std::string(spec.name));
    }
    take(layer.name + ".running");
  }
  return fresh;
}

}  // namespace mxsim
