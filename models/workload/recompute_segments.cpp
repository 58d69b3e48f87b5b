#include "models/workload/recompute_segments.h"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "models/core/error.h"
#include "models/workload/layer_pattern.h"

namespace mxsim {
namespace {

class Segments {
 public:
  explicit Segments(const ShapedGraph& graph) : graph_(graph) {}

  void add(std::size_t index, const std::string& expression) {
    const std::string pointer = "/recompute/" + std::to_string(index);
    try {
      const LayerPattern pattern(expression);
      const std::size_t before = taken_.size();
      bool matched = false;
      for (std::size_t l = 0; l < graph_.layers.size(); ++l) {
        std::string captured;
        const ShapedLayer& layer = graph_.layers[l];
        if (!pattern.matches(layer.name, captured)) continue;
        matched = true;
        if (layer.kind->role() == LayerRole::kLoss) {
          faults_.push_back(
              {"", pointer, "\"" + layer.name + "\" is a loss: nothing to recompute"});
        }
        if (!taken_.insert(static_cast<std::int32_t>(l)).second) continue;
        segments_[{index, captured}].layers.push_back(static_cast<std::int32_t>(l));
      }
      if (!matched || taken_.size() == before) {
        faults_.push_back(
            {"", pointer,
             "\"" + expression + "\" matches no " + (matched ? "further layer" : "layer")});
      }
    } catch (const InputError& error) {
      faults_.push_back({"", pointer, error.diagnostics().front().message});
    }
  }

  std::vector<RecomputeSegment> finish() {
    if (!faults_.empty()) throw InputError(std::move(faults_));
    std::vector<RecomputeSegment> all;
    for (auto& [key, segment] : segments_) all.push_back(std::move(segment));
    std::sort(all.begin(), all.end(),
              [](const auto& a, const auto& b) { return a.layers.back() < b.layers.back(); });
    return all;
  }

 private:
  const ShapedGraph& graph_;
  std::set<std::int32_t> taken_;
  std::map<std::pair<std::size_t, std::string>, RecomputeSegment> segments_;
  std::vector<Diagnostic> faults_;
};

}  // namespace

std::vector<RecomputeSegment> recompute_segments(const ShapedGraph& graph,
                                                 const std::vector<std::string>& expressions) {
  Segments segments(graph);
  for (std::size_t i = 0; i < expressions.size(); ++i) segments.add(i, expressions[i]);
  return segments.finish();
}

}  // namespace mxsim
