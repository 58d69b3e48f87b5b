#pragma once

#include <string>
#include <utility>
#include <vector>

#include "models/workload/graph.h"

namespace mxsim {

/// Builds graphs by hand; each layer makes one tensor of its own name.
class GraphBuilder {
 public:
  explicit GraphBuilder(Shape image) { graph_.inputs = {{"image", std::move(image)}}; }

  GraphBuilder& layer(const std::string& name, const std::string& op,
                      std::vector<std::string> inputs, RawAttributes attributes = {}) {
    graph_.layers.push_back({name, op, std::move(inputs), {name}, std::move(attributes)});
    return *this;
  }

  /// The last layer's tensor becomes the network's output.
  Graph build() const {
    Graph graph = graph_;
    graph.name = "hand";
    if (!graph.layers.empty()) graph.outputs = {graph.layers.back().name};
    return graph;
  }

 private:
  Graph graph_;
};

/// Linear layers of `widths`, the last followed by the loss.
inline Graph mlp(const std::vector<std::int64_t>& widths) {
  GraphBuilder builder({widths.front()});
  std::string x = "image";
  for (std::size_t i = 1; i < widths.size(); ++i) {
    const std::string name = "fc" + std::to_string(i);
    builder.layer(name, "linear", {x}, {{"out_features", {widths[i]}}, {"bias", {0}}});
    x = name;
  }
  return builder.layer("loss", "cross_entropy", {x}).build();
}

/// Self-attention of `tokens` x `width` inputs without its softmax, and a classifier.
inline Graph attention_graph(std::int64_t tokens, std::int64_t heads, std::int64_t width) {
  const RawAttributes features{{"out_features", {heads * width}}};
  return GraphBuilder({tokens, width})
      .layer("q", "linear", {"image"}, features)
      .layer("k", "linear", {"image"}, features)
      .layer("v", "linear", {"image"}, features)
      .layer("s", "matmul", {"q", "k"}, {{"heads", {heads}}, {"transpose_b", {1}}})
      .layer("o", "matmul", {"s", "v"}, {{"heads", {heads}}})
      .layer("flat", "flatten", {"o"})
      .layer("loss", "cross_entropy", {"flat"})
      .build();
}

}  // namespace mxsim
