#include "sim/verify/stored_results.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "models/chip/chip_spec.h"
#include "models/core/error.h"
#include "models/formats/format_table.h"
#include "models/values/given_parameters.h"
#include "models/values/initial_states.h"
#include "models/workload/lower.h"
#include "sim/import/element_order.h"
#include "sim/import/network_weights.h"

namespace mxsim {
namespace {

void give_inputs(const StoredModel& model, StepExecutor& executor) {
  for (const auto& [name, to] : model.network.inputs) {
    const auto found =
        std::find_if(model.inputs.begin(), model.inputs.end(),
                     [&](const StoredNumbers& input) { return input.tensor == to.tensor; });
    if (found == model.inputs.end()) {
      throw InputError(fmt::format("no stored numbers for the input \"{}\"", to.tensor));
    }
    if (found->shape != to.shape) {
      throw InputError(fmt::format("input \"{}\" is stored as {}, the model takes {}", to.tensor,
                                   to_string(found->shape), to_string(to.shape)));
    }
    if (executor.has(name)) {
      executor.give(name, to_trace_order(found->values, to.shape, to.layout, model.network.batch));
    }
  }
}

StoredResult compared(const StoredNumbers& stored, const std::vector<float>& got,
                      const Tolerance& tolerance) {
  StoredResult result{stored.tensor, static_cast<std::int64_t>(stored.values.size()), 0, 0, ""};
  for (std::size_t i = 0; i < got.size(); ++i) {
    const double expected = stored.values[i];
    const double found = got[i];
    if (found == expected || (std::isnan(found) && std::isnan(expected))) continue;
    const double error = std::abs(found - expected);
    result.largest_error = std::max(result.largest_error, error);
    const bool inside = error <= tolerance.absolute + tolerance.relative * std::abs(expected);
    if (!inside) ++result.outside;
  }
  return result;
}

}  // namespace

std::vector<StoredResult> compare_stored(const StoredModel& model, const FormatSpec& format,
                                         const Tolerance& tolerance) {
  const ImportedNetwork& network = model.network;
  if (!network.inexact.empty()) {
    throw InputError("no values yet for " + network.inexact.front());
  }
  LoweringPolicy policy;
  policy.mode = Mode::kInfer;
  policy.batch = network.batch;
  policy.wide = parse_format("fp32");
  policy.formats.format = format;
  policy.formats.storage = StoragePolicy::kNone;
  const ArraySpec array;
  Workers workers(1);
  StepExecutor executor(lower(network.graph, policy), array, workers);
  const ShapedGraph shaped = shape_graph(network.graph, network.batch);
  give_parameters(shaped, network_weights(model).tensors, executor);
  give_initial_states(shaped, 1, executor);
  give_inputs(model, executor);
  executor.run({});
  std::vector<StoredResult> results;
  for (const StoredNumbers& stored : model.outputs) {
    const auto found =
        std::find_if(network.outputs.begin(), network.outputs.end(),
                     [&](const auto& output) { return output.second.tensor == stored.tensor; });
    if (found == network.outputs.end() || !executor.has(found->first)) {
      results.push_back({stored.tensor, 0, 0, 0, "is no result of its own here"});
      continue;
    }
    const std::vector<float> values = executor.read(found->first);
    if (values.size() != stored.values.size()) {
      results.push_back(
          {stored.tensor, 0, 0, 0,
           fmt::format("has {} elements, {} are stored", values.size(), stored.values.size())});
      continue;
    }
    results.push_back(compared(
        stored, to_file_order(values, found->second.shape, found->second.layout, network.batch),
        tolerance));
  }
  if (results.empty()) throw InputError("no output_0.pb to compare with");
  return results;
}

}  // namespace mxsim
