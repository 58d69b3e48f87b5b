#include <fmt/format.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <memory>
#include <unordered_set>

#include "models/core/error.h"
#include "sim/import/lowering/constant_folding.h"
#include "sim/import/onnx/external_data.h"
#include "sim/import/onnx/model_file.h"
#include "sim/import/onnx/network_import.h"
#include "sim/import/onnx/onnx_import.h"
#include "sim/import/onnx/parameter_inputs.h"
#include "sim/import/onnx/tensor_proto.h"

namespace mxsim {
namespace {

onnx::TensorProto read_tensor(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  onnx::TensorProto tensor;
  if (!in) throw InputError({{path, "", "cannot be read"}});
  if (!tensor.ParseFromIstream(&in)) throw InputError({{path, "", "not a TensorProto"}});
  return tensor;
}

/// input_0.pb, input_1.pb, ... as far as there are any.
std::vector<onnx::TensorProto> read_tensors(const std::string& folder, const std::string& kind) {
  std::vector<onnx::TensorProto> tensors;
  if (folder.empty()) return tensors;
  for (;;) {
    const std::string path = fmt::format("{}/{}_{}.pb", folder, kind, tensors.size());
    std::error_code error;
    if (!std::filesystem::is_regular_file(path, error)) return tensors;
    tensors.push_back(read_tensor(path));
  }
}

StoredNumbers numbers_of(const onnx::TensorProto& tensor, const std::string& name) {
  StoredNumbers numbers{name, shape_of(tensor), {}};
  const auto values = all_values_of(tensor);
  if (!values) throw InputError(fmt::format("\"{}\": its elements are no numbers", name));
  for (const long double value : values->numbers) {
    numbers.values.push_back(static_cast<float>(value));
  }
  return numbers;
}

/// Whether a graph's input is a constant of the network: a parameter, or whole numbers that another
/// input comes before.
bool is_constant(const onnx::ValueInfoProto& input, int place,
                 const std::unordered_set<std::string>& parameters) {
  return parameters.contains(input.name()) ||
         (place > 0 && input.type().tensor_type().elem_type() == onnx::TensorProto::INT64);
}

/// Numbers of the model's initializers by name.
std::function<std::vector<float>(const std::string&)> numbers_in(
    const std::shared_ptr<const onnx::ModelProto>& model, const std::string& folder) {
  std::map<std::string, const onnx::TensorProto*> tensors;
  for (const onnx::TensorProto& each : model->graph().initializer()) tensors[each.name()] = &each;
  return [model, tensors, folder](const std::string& name) {
    const auto found = tensors.find(name);
    return found == tensors.end() ? std::vector<float>{}
                                  : initializer_floats(*found->second, folder);
  };
}

StoredModel read_model(const std::string& path, const std::string& folder) {
  auto model = std::make_shared<onnx::ModelProto>(read_model_file(path));
  onnx::GraphProto& graph = *model->mutable_graph();
  std::unordered_set<std::string> held;
  for (const onnx::TensorProto& each : graph.initializer()) held.insert(each.name());
  const std::unordered_set<std::string> parameters = parameter_inputs(graph);
  std::vector<onnx::TensorProto> given = read_tensors(folder, "input");
  StoredModel stored;
  std::size_t next = 0;
  for (int i = 0; i < graph.input_size() && next < given.size(); ++i) {
    const onnx::ValueInfoProto& input = graph.input(i);
    if (held.contains(input.name())) continue;
    onnx::TensorProto& tensor = given[next++];
    tensor.set_name(input.name());
    if (is_constant(input, i, parameters)) {
      *graph.add_initializer() = tensor;
    } else {
      stored.inputs.push_back(numbers_of(tensor, input.name()));
    }
  }
  const std::vector<onnx::TensorProto> results = read_tensors(folder, "output");
  for (int i = 0; i < graph.output_size() && i < static_cast<int>(results.size()); ++i) {
    stored.outputs.push_back(
        numbers_of(results[static_cast<std::size_t>(i)], graph.output(i).name()));
  }
  stored.network = import_model(*model, std::filesystem::path(path).stem().string(), {});
  stored.numbers = numbers_in(model, std::filesystem::path(path).parent_path().string());
  return stored;
}

}  // namespace

StoredModel read_weighted_model(const std::string& path, const ImportOptions& options) {
  const std::filesystem::path file(path);
  const auto model = std::make_shared<const onnx::ModelProto>(read_model_file(path));
  StoredModel stored;
  stored.network = import_model(*model, file.stem().string(), options);
  stored.numbers = numbers_in(model, file.parent_path().string());
  return stored;
}

StoredModel read_stored_model(const std::string& path, const std::string& folder) {
  try {
    return read_model(path, folder);
  } catch (const InputError& error) {
    std::vector<Diagnostic> faults = error.diagnostics();
    for (Diagnostic& fault : faults) {
      if (fault.file.empty()) fault.file = path;
    }
    throw InputError(std::move(faults));
  }
}

}  // namespace mxsim
