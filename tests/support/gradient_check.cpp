#include "tests/support/gradient_check.h"

#include <fmt/format.h>

#include <cmath>

#include "models/core/rng.h"
#include "models/formats/format_table.h"
#include "models/values/initial_values.h"
#include "models/values/workers.h"
#include "models/workload/lower.h"
#include "models/workload/own_parameters.h"

namespace mxsim::testing {
namespace {

LoweringPolicy double_policy(std::int64_t batch) {
  LoweringPolicy policy;
  policy.batch = batch;
  policy.wide = parse_format("bf16");
  policy.formats.format = parse_format("fp32");
  return policy;
}

}  // namespace

DoubleStep::DoubleStep(const Graph& graph, std::int64_t batch, std::int64_t tokens)
    : shaped_(shape_graph(graph, batch)), ops_(lower(graph, double_policy(batch))), memory_(ops_) {
  check_functions(ops_);
  give_inputs(graph, tokens);
  const CounterRng rng(7, "parameters");
  for (const ShapedLayer& layer : shaped_.layers) {
    for (const ParameterSpec& spec : own_parameters(layer)) {
      const std::string name = layer.name + "." + std::string(spec.name);
      std::vector<double>& values = parameters_[name];
      for (const float drawn : initial_values(spec, 3, name)) {
        values.push_back(drawn + 0.3 * rng.normal(values.size()));
      }
    }
    if (layer.kind->op() != "rotary") continue;
    std::vector<double>& angles = memory_.of(layer.name + ".angles");
    for (std::size_t i = 0; i < angles.size(); i += 2) {
      angles[i] = std::cos(0.3 * static_cast<double>(i));
      angles[i + 1] = std::sin(0.3 * static_cast<double>(i));
    }
  }
}

void DoubleStep::give_inputs(const Graph& graph, std::int64_t tokens) {
  const CounterRng rng(7, "gradients");
  const std::string input = graph.inputs.front().name;
  std::vector<double> values = memory_.of(input);
  for (std::size_t i = 0; i < values.size(); ++i) {
    values[i] = tokens > 0 ? static_cast<double>(rng.bits(i) % static_cast<std::uint64_t>(tokens))
                           : rng.normal(i);
  }
  memory_.give(input, values);
  const auto classes = static_cast<std::size_t>(shaped_.layers.back().input_shapes[0].back());
  std::vector<double> labels = memory_.of("loss.labels");
  for (std::size_t i = 0; i < labels.size(); ++i) labels[i] = static_cast<double>(i % classes);
  memory_.give("loss.labels", labels);
  if (!memory_.has("loss.teacher")) return;
  std::vector<double> teacher = memory_.of("loss.teacher");
  for (std::size_t i = 0; i < teacher.size(); ++i) teacher[i] = 3 * rng.normal(1000 + i);
  memory_.give("loss.teacher", teacher);
}

double DoubleStep::loss() {
  for (const auto& [name, values] : parameters_) {
    for (const std::string& held : {name + ".master", name}) {
      if (memory_.has(held)) memory_.give(held, values);
    }
  }
  StepSettings settings;
  settings.learning_rate = 0;
  Workers workers(1);
  GroupExecutor<double> executor(ops_, memory_, workers);
  for (const OpGroup& group : ops_.groups) executor.run(group, settings);
  return memory_.of("loss").front();
}

std::vector<double> DoubleStep::gradient(const std::string& parameter) {
  for (const ShapedLayer& layer : shaped_.layers) {  // one that uses the parameter, too
    if (layer.weights_of < 0) continue;
    const std::string& owner = shaped_.layers[static_cast<std::size_t>(layer.weights_of)].name;
    if (!parameter.starts_with(owner + ".")) continue;
    std::string shared = layer.name + parameter.substr(owner.size()) + ".grad_sum";
    if (!memory_.has(shared)) continue;
    while (memory_.has(shared + "_sum")) shared += "_sum";
    return memory_.of(shared);
  }
  const std::string sum = parameter + ".grad_sum";
  return memory_.of(memory_.has(sum) ? sum : parameter + ".grad");
}

std::string gradient_fault(const Graph& graph, std::int64_t batch, std::int64_t tokens) {
  constexpr double kStep = 1e-5;
  constexpr std::size_t kLooks = 13;
  DoubleStep step(graph, batch, tokens);
  step.loss();
  std::map<std::string, std::vector<double>> gradients;
  for (const auto& [name, values] : step.parameters()) gradients[name] = step.gradient(name);
  for (auto& [name, values] : step.parameters()) {
    for (std::size_t i = 0; i < values.size(); i += 1 + values.size() / kLooks) {
      const double held = values[i];
      values[i] = held + kStep;
      const double above = step.loss();
      values[i] = held - kStep;
      const double below = step.loss();
      values[i] = held;
      const double expected = (above - below) / (2 * kStep);
      const double got = gradients[name][i];
      if (std::abs(got - expected) > 1e-7 + 1e-5 * std::abs(expected)) {
        return fmt::format("{} element {}: {} instead of {}", name, i, got, expected);
      }
    }
  }
  return "";
}

}  // namespace mxsim::testing
