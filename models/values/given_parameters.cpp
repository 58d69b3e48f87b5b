#include "models/values/given_parameters.h"

#include <span>

#include "models/core/error.h"
#include "models/workload/kinds/batch_norm.h"

namespace mxsim {
namespace {

class Giver {
 public:
  Giver(const NetworkTensors& tensors, StepExecutor& executor)
      : tensors_(tensors), executor_(executor) {}

  /// `owner`: the layer whose parameters it uses.
  void give_layer(const ShapedLayer& layer, const ShapedLayer& owner) {
    std::map<std::string, const float*> given;
    for (const ParameterSpec& spec : layer.kind->parameters(layer)) {
      given[std::string(spec.name)] =
          give(owner.name + "." + std::string(spec.name), spec.rows * spec.cols);
    }
    const std::string constant = layer.name + ".constant";
    if (executor_.has(constant)) {
      const StoredTensor& tensor = executor_.tensor(constant);
      give(constant, tensor.rows * tensor.cols);
    }
    if (layer.kind->op() == "batch_norm") give_averages(layer, given["weight"], given["bias"]);
  }

  void finish() {
    if (!faults_.empty()) throw InputError(std::move(faults_));
  }

 private:
  const float* find(const std::string& name, std::int64_t elements) {
    const auto found = tensors_.find(name);
    if (found == tensors_.end()) {
      faults_.push_back({"", "", "no \"" + name + "\""});
    } else if (static_cast<std::int64_t>(found->second.size()) != elements) {
      faults_.push_back({"", "",
                         "\"" + name + "\" has " + std::to_string(found->second.size()) +
                             " elements, expected " + std::to_string(elements)});
    } else {
      return found->second.data();
    }
    return nullptr;
  }

  const float* give(const std::string& name, std::int64_t elements) {
    const float* const values = find(name, elements);
    if (values == nullptr) return nullptr;
    for (const std::string& held : {name, name + ".master"}) {
      if (executor_.has(held)) executor_.give(held, {values, static_cast<std::size_t>(elements)});
    }
    return values;
  }

  /// Inference reads scale and shift, training the averages.
  void give_averages(const ShapedLayer& layer, const float* weight, const float* bias) {
    const std::int64_t channels = layer.input_shapes[0][1];
    const float* const running = find(layer.name + ".running", 2 * channels);
    if (running == nullptr || weight == nullptr || bias == nullptr) return;
    if (executor_.has(layer.name + ".affine")) {
      executor_.give(layer.name + ".affine",
                     folded_batch_norm(running, weight, bias, channels,
                                       layer.constants.value_or("epsilon", kBatchNormEpsilon)));
    } else {
      executor_.give(layer.name + ".running", {running, static_cast<std::size_t>(2 * channels)});
    }
  }

  const NetworkTensors& tensors_;
  StepExecutor& executor_;
  std::vector<Diagnostic> faults_;
};

}  // namespace

void give_parameters(const ShapedGraph& graph, const NetworkTensors& tensors,
                     StepExecutor& executor) {
  Giver giver(tensors, executor);
  for (const ShapedLayer& layer : graph.layers) {
    const bool shares = layer.weights_of >= 0;
    giver.give_layer(layer,
                     shares ? graph.layers[static_cast<std::size_t>(layer.weights_of)] : layer);
  }
  giver.finish();
}

}  // namespace mxsim
