#include "sim/verify/stored_results.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <map>
#include <string_view>
#include <utility>

#include "models/core/error.h"
#include "models/formats/format_table.h"
#include "models/values/given_parameters.h"
#include "models/values/initial_states.h"
#include "models/values/step_executor.h"
#include "models/workload/lower.h"
#include "sim/data/network_weights.h"
#include "sim/import/lowering/element_order.h"

namespace mxsim {
namespace {

/// Numbers of the inputs by name, in the order of the trace.
using InputValues = std::map<std::string, std::vector<float>>;

InputValues input_values(const StoredModel& model) {
  InputValues inputs;
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
    inputs[name] = to_trace_order(found->values, to.shape, to.layout, model.network.batch);
  }
  return inputs;
}

/// The value that holds a tensor of the network: its own, or that of the tensor it is a free view
/// of.
std::string value_of(std::string tensor, const Graph& graph, const StepExecutor& executor) {
  while (!executor.has(tensor)) {
    const auto maker =
        std::find_if(graph.layers.begin(), graph.layers.end(), [&](const Layer& layer) {
          return layer.outputs.size() == 1 && layer.outputs[0] == tensor;
        });
    if (maker == graph.layers.end() || maker->inputs.size() != 1) break;
    tensor = maker->inputs[0];
  }
  return tensor;
}

StoredResult without_values(const StoredNumbers& stored, std::string fault) {
  StoredResult result;
  result.tensor = stored.tensor;
  result.fault = std::move(fault);
  return result;
}

bool has_tensor_files(const std::string& folder) {
  std::error_code error;
  return std::filesystem::is_regular_file(folder + "/output_0.pb", error) ||
         std::filesystem::is_regular_file(folder + "/input_0.pb", error);
}

/// test_data_set_N with tensor files, by N.
std::vector<std::string> numbered_folders(const std::string& folder) {
  constexpr std::string_view kPrefix = "test_data_set_";
  constexpr std::size_t kMostDigits = 9;
  std::map<std::int64_t, std::string> found;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(folder, error)) {
    const std::string name = entry.path().filename().string();
    if (!name.starts_with(kPrefix)) continue;
    const std::string digits = name.substr(kPrefix.size());
    const bool number = !digits.empty() && digits.size() <= kMostDigits &&
                        digits.find_first_not_of("0123456789") == std::string::npos;
    if (number && has_tensor_files(entry.path().string())) {
      found[std::stoll(digits)] = entry.path().string();
    }
  }
  std::vector<std::string> folders;
  for (auto& [number, path] : found) folders.push_back(std::move(path));
  return folders;
}

StoredResult compared(const StoredNumbers& stored, const std::vector<float>& got,
                      const Tolerance& tolerance) {
  StoredResult result;
  result.tensor = stored.tensor;
  result.elements = static_cast<std::int64_t>(stored.values.size());
  for (std::size_t i = 0; i < got.size(); ++i) {
    const double expected = stored.values[i];
    const double found = got[i];
    result.largest = std::max(result.largest, std::abs(expected));
    if (found == expected || (std::isnan(found) && std::isnan(expected))) continue;
    const double error = std::abs(found - expected);
    result.largest_error = std::max(result.largest_error, error);
    const bool inside = error <= tolerance.absolute + tolerance.relative * std::abs(expected);
    if (!inside) ++result.outside;
  }
  return result;
}

}  // namespace

LoweringPolicy plain_policy(const FormatSpec& format) {
  LoweringPolicy policy;
  policy.wide = parse_format("fp32");
  policy.formats.format = format;
  policy.formats.storage = StoragePolicy::kNone;
  return policy;
}

bool has_stored_results(const std::string& data) {
  return has_tensor_files(data) || !numbered_folders(data).empty();
}

std::vector<std::string> stored_folders(const std::string& model, const std::string& data) {
  const std::filesystem::path file(model);
  const std::string beside = file.parent_path().empty() ? "." : file.parent_path().string();
  const std::string named = (file.parent_path() / (file.stem().string() + "_data")).string();
  const std::vector<std::string> places =
      data.empty() ? std::vector<std::string>{named, beside} : std::vector<std::string>{data};
  for (const std::string& place : places) {
    if (has_tensor_files(place)) return {place};
    std::vector<std::string> numbered = numbered_folders(place);
    if (!numbered.empty()) return numbered;
  }
  std::error_code error;
  const bool folder = data.empty() || std::filesystem::is_directory(data, error);
  throw InputError({{data.empty() ? model : data, "",
                     !folder        ? "no such folder"
                     : data.empty() ? "no input_0.pb and output_0.pb in test_data_set_0 or " +
                                          file.stem().string() + "_data beside it"
                                    : "holds neither output_0.pb nor test_data_set_0"}});
}

std::vector<StoredResult> compare_stored(const StoredModel& model, LoweringPolicy policy,
                                         const ArraySpec& array, const Tolerance& tolerance) {
  const ImportedNetwork& network = model.network;
  if (!network.inexact.empty()) {
    throw InputError("no values yet for " + network.inexact.front());
  }
  policy.mode = Mode::kInfer;
  policy.batch = network.batch;
  policy.gradient_accumulation_steps = 1;
  policy.array.reset();
  Workers workers(1);
  StepExecutor executor(lower(network.graph, policy), array, workers);
  const ShapedGraph shaped = shape_graph(network.graph, network.batch);
  give_parameters(shaped, network_weights(model).tensors, executor);
  give_initial_states(shaped, 1, executor);
  const InputValues inputs = input_values(model);
  for (const auto& [name, values] : inputs) {
    if (executor.has(name)) executor.give(name, values);
  }
  executor.run({});
  std::vector<StoredResult> results;
  for (const StoredNumbers& stored : model.outputs) {
    const auto found =
        std::find_if(network.outputs.begin(), network.outputs.end(),
                     [&](const auto& output) { return output.second.tensor == stored.tensor; });
    const std::string value = found == network.outputs.end()
                                  ? std::string()
                                  : value_of(found->first, network.graph, executor);
    const auto input = inputs.find(value);  // of a network of views alone, which nothing computes
    if (!executor.has(value) && input == inputs.end()) {
      results.push_back(without_values(stored, "is no result of its own here"));
      continue;
    }
    const std::vector<float> values = executor.has(value) ? executor.read(value) : input->second;
    if (values.size() != stored.values.size()) {
      results.push_back(without_values(stored, fmt::format("has {} elements, {} are stored",
                                                           values.size(), stored.values.size())));
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
