#include "models/workload/training_graph.h"

#include <algorithm>
#include <iterator>
#include <set>
#include <utility>

#include "models/workload/optimizer.h"
#include "models/workload/recompute_segments.h"

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

class Backward {
 public:
  Backward(const ShapedGraph& graph, const TrainingPolicy& policy, StepBuilder& steps)
      : graph_(graph),
        policy_(policy),
        steps_(steps),
        segments_(recompute_segments(graph, policy.recompute)) {}

  void emit() {
    for (std::size_t l = graph_.layers.size(); l-- > 0;) {
      const auto index = static_cast<std::int32_t>(l);
      if (!segments_.empty() && segments_.back().layers.back() == index) {
        recompute(segments_.back());
        segments_.pop_back();
      }
      emit_layer(index);
    }
  }

 private:
  void emit_layer(std::int32_t index) {
    const ShapedLayer& layer = graph_.layers[index];
    steps_.enter(index);
    bool reached = layer.kind->role() == LayerRole::kLoss;
    for (std::size_t i = 0; i < layer.outputs.size(); ++i) {
      reached = reached || steps_.has_output_gradient(i);
    }
    if (!reached) return;
    const std::size_t first = steps_.step_count();
    layer.kind->backward(layer, steps_);
    if (policy_.placement == UpdatePlacement::kFused) steps_.move_weight_gradients_last(first);
    if (policy_.placement != UpdatePlacement::kEnd) emit_layer_updates(policy_, index, steps_);
  }

  /// Tensors that leave the segment are kept from the forward pass: its other layers read those.
  void recompute(const RecomputeSegment& segment) {
    const std::set<std::int32_t> inside(segment.layers.begin(), segment.layers.end());
    std::set<std::int32_t> leaving(graph_.outputs.begin(), graph_.outputs.end());
    for (std::size_t l = 0; l < graph_.layers.size(); ++l) {
      if (inside.contains(static_cast<std::int32_t>(l))) continue;
      leaving.insert(graph_.layers[l].inputs.begin(), graph_.layers[l].inputs.end());
    }
    steps_.begin_recompute();
    for (const std::int32_t index : segment.layers) {
      const ShapedLayer& layer = graph_.layers[index];
      steps_.enter(index);
      const std::vector<ValueId> first = steps_.renew_outputs();
      layer.kind->forward(layer, steps_);
      for (std::size_t i = 0; i < first.size(); ++i) {
        if (leaving.contains(layer.outputs[i])) steps_.set_output(i, first[i]);
      }
    }
    steps_.end_recompute();
  }

  const ShapedGraph& graph_;
  const TrainingPolicy& policy_;
  StepBuilder& steps_;
  std::vector<RecomputeSegment> segments_;  ///< that the backward pass has not reached
};

/// Work done again whose results nothing reads.
void drop_unread_recompute(StepList& list) {
  std::vector<bool> read(list.values.size(), false);
  const auto note = [&](ValueId v) {
    if (v >= 0) read[v] = true;
  };
  const auto unread = [&](ValueId v) { return !read[v]; };
  std::vector<Step> kept;
  for (auto step = list.steps.rbegin(); step != list.steps.rend(); ++step) {
    if (step->pass == Pass::kRecompute &&
        std::all_of(step->writes.begin(), step->writes.end(), unread) &&
        std::all_of(step->sums.begin(), step->sums.end(), unread)) {
      continue;
    }
    std::for_each(step->reads.begin(), step->reads.end(), note);
    std::for_each(step->broadcasts.begin(), step->broadcasts.end(), note);
    note(step->a.value);
    note(step->b.value);
    kept.push_back(std::move(*step));
  }
  list.steps.assign(std::make_move_iterator(kept.rbegin()), std::make_move_iterator(kept.rend()));
}

}  // namespace

StepList derive_steps(const ShapedGraph& graph, Mode mode, const TrainingPolicy& training) {
  StepBuilder steps(graph, mode, training.master);
  steps.set_loss_factor((training.scales_loss ? training.loss_scale : 1.0) /
                        static_cast<double>(training.micro_batches));
  for (std::size_t l = 0; l < graph.layers.size(); ++l) {
    steps.enter(static_cast<std::int32_t>(l));
    graph.layers[l].kind->forward(graph.layers[l], steps);
  }
  if (mode == Mode::kTrain) {
    Backward(graph, training, steps).emit();
    refuse_untrained(graph, steps);
    if (training.placement == UpdatePlacement::kEnd) emit_updates(training, steps);
  }
  StepList list = steps.finish();
  if (!training.recompute.empty()) drop_unread_recompute(list);
  return list;
}

}  // namespace mxsim
