#include "models/workload/training_graph.h"

#include <algorithm>

namespace mxsim {
namespace {

/// Parameters that no loss depends on would silently stay as they are.
void refuse_untrained(const ShapedGraph& graph, const StepBuilder& steps) {
  std::vector<Diagnostic> faults;
  const bool has_loss = std::any_of(graph.layers.begin(), graph.layers.end(), [](const auto& l) {
    return l.kind->role() == LayerRole::kLoss;
  });
  if (!has_loss) {
    throw InputError({{"", "/layers", "training needs a loss layer (cross_entropy)"}});
  }
  std::int32_t reported = -1;
  for (const StepBuilder::Parameter& parameter : steps.parameters()) {
    if (parameter.gradient >= 0 || parameter.layer == reported) continue;
    reported = parameter.layer;
    faults.push_back(
        {"", "/layers",
         "layer \"" + graph.layers[reported].name + "\" cannot be trained: no loss depends on it"});
  }
  if (!faults.empty()) throw InputError(std::move(faults));
}

void emit_backward(const ShapedGraph& graph, StepBuilder& steps) {
  for (std::size_t l = graph.layers.size(); l-- > 0;) {
    const ShapedLayer& layer = graph.layers[l];
    steps.enter(static_cast<std::int32_t>(l));
    bool reached = layer.kind->role() == LayerRole::kLoss;
    for (std::size_t i = 0; i < layer.outputs.size(); ++i) {
      reached = reached || steps.has_output_gradient(i);
    }
    if (reached) layer.kind->backward(layer, steps);
  }
}

}  // namespace

StepList derive_steps(const ShapedGraph& graph, Mode mode, Optimizer optimizer) {
  StepBuilder steps(graph, mode);
  for (std::size_t l = 0; l < graph.layers.size(); ++l) {
    steps.enter(static_cast<std::int32_t>(l));
    graph.layers[l].kind->forward(graph.layers[l], steps);
  }
  if (mode == Mode::kTrain) {
    emit_backward(graph, steps);
    refuse_untrained(graph, steps);
    emit_updates(optimizer, steps);
  }
  return steps.finish();
}

}  // namespace mxsim
