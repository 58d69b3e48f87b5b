#include <algorithm>
#include <map>
#include <optional>
#include <queue>
#include <set>
#include <utility>

#include "models/workload/skip_connections.h"

namespace mxsim {
namespace {

using Layers = std::vector<std::int32_t>;

/// Tensors that a search for a fork looks at; longer blocks are no residual blocks.
constexpr std::size_t kLongestSearch = 4096;

constexpr std::uint8_t kLeft = 1;
constexpr std::uint8_t kRight = 2;
constexpr std::uint8_t kBoth = kLeft | kRight;

/// Walks back from both inputs of an addition, the latest producer first, to the first tensor that
/// both depend on.
class ForkSearch {
 public:
  ForkSearch(const ShapedGraph& graph, std::int32_t add) : graph_(graph) {
    const std::vector<std::int32_t>& inputs = layer(add).inputs;
    mark(inputs[0], kLeft);
    mark(inputs[1], kRight);
  }

  std::optional<std::int32_t> fork() {
    while (!ahead_.empty() && walked_.size() < kLongestSearch) {
      const std::int32_t tensor = ahead_.top().second;
      ahead_.pop();
      if (marks_.at(tensor) == kBoth) return tensor;
      walked_.push_back(tensor);
      const std::int32_t producer = producer_of(tensor);
      if (producer < 0) continue;
      for (const std::int32_t input : layer(producer).inputs) mark(input, marks_.at(tensor));
    }
    return std::nullopt;
  }

  /// Layers of one side that depend on the fork, in order.
  Layers between(std::int32_t fork, std::uint8_t side) const {
    std::set<std::int32_t> behind{fork};
    std::set<std::int32_t> found;
    for (auto tensor = walked_.rbegin(); tensor != walked_.rend(); ++tensor) {
      const std::int32_t producer = producer_of(*tensor);
      if (marks_.at(*tensor) != side || producer < 0) continue;
      const std::vector<std::int32_t>& inputs = layer(producer).inputs;
      const bool depends = std::any_of(inputs.begin(), inputs.end(),
                                       [&](std::int32_t input) { return behind.contains(input); });
      if (!depends) continue;
      behind.insert(*tensor);
      found.insert(producer);
    }
    return {found.begin(), found.end()};
  }

 private:
  const ShapedLayer& layer(std::int32_t index) const {
    return graph_.layers[static_cast<std::size_t>(index)];
  }
  std::int32_t producer_of(std::int32_t tensor) const {
    return graph_.tensors[static_cast<std::size_t>(tensor)].producer;
  }
  void mark(std::int32_t tensor, std::uint8_t side) {
    const auto [place, is_new] = marks_.try_emplace(tensor, std::uint8_t{0});
    place->second |= side;
    if (is_new) ahead_.emplace(producer_of(tensor), tensor);
  }

  const ShapedGraph& graph_;
  std::map<std::int32_t, std::uint8_t> marks_;
  std::priority_queue<std::pair<std::int32_t, std::int32_t>> ahead_;  ///< producer, tensor
  Layers walked_;
};

std::ptrdiff_t gemm_layers(const ShapedGraph& graph, const Layers& layers) {
  return std::count_if(layers.begin(), layers.end(), [&](std::int32_t each) {
    return forward_macs(graph.layers[static_cast<std::size_t>(each)]) > 0;
  });
}

/// Of the only GEMM layer among these: taps of its convolution, 1 for other kinds.
std::int64_t taps(const ShapedGraph& graph, const Layers& layers) {
  for (const std::int32_t each : layers) {
    const ShapedLayer& layer = graph.layers[static_cast<std::size_t>(each)];
    if (forward_macs(layer) == 0) continue;
    if (layer.kind->op() != "conv2d") return 1;
    const Extent2d kernel = layer.attributes.pair("kernel");
    return kernel.h * kernel.w;
  }
  return 1;
}

/// How much of a block one side is: GEMMs, then taps. A block of one convolution beside its
/// pointwise projection is a skipped layer, too.
std::pair<std::ptrdiff_t, std::int64_t> size_of(const ShapedGraph& graph, const Layers& layers) {
  const std::ptrdiff_t gemms = gemm_layers(graph, layers);
  return {gemms, gemms == 1 ? taps(graph, layers) : 1};
}

bool adds_equal_shapes(const ShapedLayer& layer) {
  return layer.kind->op() == "add" && layer.input_shapes.size() == 2 &&
         layer.input_shapes[0] == layer.output_shapes[0] &&
         layer.input_shapes[1] == layer.output_shapes[0];
}

std::optional<SkipConnection> skip_at(const ShapedGraph& graph, std::int32_t add) {
  ForkSearch search(graph, add);
  const std::optional<std::int32_t> fork = search.fork();
  if (!fork) return std::nullopt;
  Layers left = search.between(*fork, kLeft);
  Layers right = search.between(*fork, kRight);
  const auto left_size = size_of(graph, left);
  const auto right_size = size_of(graph, right);
  const auto skip_size = std::min(left_size, right_size);
  const bool equal = left_size.first == right_size.first;
  if (left_size == right_size || skip_size.first > 1 || (equal && skip_size.second > 1)) {
    return std::nullopt;
  }
  if (left_size < right_size) {
    return SkipConnection{add, 0, *fork, std::move(left), std::move(right)};
  }
  return SkipConnection{add, 1, *fork, std::move(right), std::move(left)};
}

}  // namespace

std::vector<SkipConnection> find_skips(const ShapedGraph& graph) {
  std::vector<SkipConnection> skips;
  for (std::size_t l = 0; l < graph.layers.size(); ++l) {
    if (!adds_equal_shapes(graph.layers[l])) continue;
    auto skip = skip_at(graph, static_cast<std::int32_t>(l));
    if (skip) skips.push_back(std::move(*skip));
  }
  return skips;
}

}  // namespace mxsim
