#include "sim/import/lowering/patterns.h"

#include <algorithm>
#include <numeric>
#include <optional>
#include <utility>
#include <vector>

#include "sim/import/lowering/node_index.h"
#include "sim/import/lowering/norm_parts.h"
#include "sim/import/lowering/scalar_function.h"
#include "sim/import/lowering/tensor_cuts.h"

namespace mxsim {
namespace {

/// One operator in the place of several: the node at `last` becomes it.
struct Found {
  int last = -1;
  NetNode node;
};

NetNode replaced(const NodeIndex& index, int last, const char* op, std::vector<int> inputs) {
  NetNode node;
  node.op = op;
  node.name = index.node(last).name;
  node.version = index.node(last).version;
  node.inputs = std::move(inputs);
  node.outputs = {index.node(last).outputs[0]};
  return node;
}

/// x (1 + f(x)) / 2 with f the error function of x / sqrt(2) or tanh of a polynomial, the half at
/// any place.
std::optional<Found> match_gelu(const NodeIndex& index, int n) {
  const bool exact = index.is(n, "Erf");
  if (!exact && !index.is(n, "Tanh")) return std::nullopt;
  const int sum = index.only_reader(n);
  if (!index.is(sum, "Add") || index.beside_number(sum) < 0) return std::nullopt;
  int value = index.node(sum).outputs[0];
  int product = index.only_reader(sum);
  if (index.is(product, "Mul") && index.beside_number(product) >= 0) {  // the half first
    value = index.node(product).outputs[0];
    product = index.only_reader(product);
  }
  if (!index.is(product, "Mul")) return std::nullopt;
  const int factor = index.other(product, value);
  for (const int last : {index.only_reader(product), product}) {
    for (const int root : {factor, index.beside_number(index.maker(factor))}) {
      const int made = last < 0 ? -1 : index.node(last).outputs.at(0);
      if (!is_function(index, made, root, exact ? exact_gelu : tanh_gelu)) continue;
      Found found{last, replaced(index, last, "Gelu", {root})};
      if (exact) found.node.integers["exact"] = {1};
      return found;
    }
  }
  return std::nullopt;
}

/// x times a gate of x: SiLU, hard swish, mish.
std::optional<Found> match_gate(const NodeIndex& index, int n) {
  if (!index.is(n, "Mul") || index.node(n).inputs.size() != 2) return std::nullopt;
  for (const int gate : index.node(n).inputs) {
    const int root = index.other(n, gate);
    const int maker = index.maker(gate);
    if (maker < 0 || root < 0 || index.only_reader(maker) != n) continue;
    const int source = index.node(maker).inputs.at(0);
    const char* op = nullptr;
    if (index.is(maker, "Sigmoid") && source == root) op = "Silu";
    if (index.is(maker, "HardSigmoid") && source == root) op = "HardSwish";
    if (index.is(maker, "Tanh") && index.is(index.maker(source), "Softplus") &&
        index.node(index.maker(source)).inputs.at(0) == root) {
      op = "Mish";
    }
    if (op == nullptr) continue;
    Found found{n, replaced(index, n, op, {root})};
    if (index.is(maker, "HardSigmoid")) {
      found.node.numbers = {{"alpha", 0.2}, {"beta", 0.5}};
      for (const auto& [name, number] : index.node(maker).numbers) {
        found.node.numbers[name] = number;
      }
    }
    return found;
  }
  return std::nullopt;
}

/// x clip(x + 3, 0, 6) / 6, also with other numbers, divided before or after the product.
std::optional<Found> match_hard_swish(const NodeIndex& index, int n) {
  if (!index.is(n, "Clip")) return std::nullopt;
  const int sum = index.maker(index.node(n).inputs.at(0));
  const auto limits = index.clip_limits(n);
  if (!index.is(sum, "Add") || !limits || !(limits->high > 0)) return std::nullopt;
  const int root = index.beside_number(sum);
  const auto summand = index.number(index.other(sum, root));
  if (root < 0 || !summand) return std::nullopt;
  const double alpha = 1 / limits->high;
  const double beta = static_cast<double>(*summand) / limits->high;
  const int next = index.only_reader(n);
  const int after = index.only_reader(next);
  for (const int last : {after, next}) {
    if (last < 0 || !is_hard_swish(index, index.node(last).outputs.at(0), root, alpha, beta)) {
      continue;
    }
    Found found{last, replaced(index, last, "HardSwish", {root})};
    found.node.numbers = {{"alpha", alpha}, {"beta", beta}};
    return found;
  }
  return std::nullopt;
}

/// First of the axes that a mean is taken over, where these are the last ones and stay with an
/// extent of one; or -1.
std::int64_t first_mean_axis(const NodeIndex& index, int n) {
  if (!index.is(n, "ReduceMean") || index.node(n).integer("keepdims", 1) == 0) return -1;
  const Shape& in = index.shape(index.node(n).inputs.at(0));
  const Shape& out = index.shape(index.node(n).outputs.at(0));
  std::size_t first = in.size();
  while (first > 0 && out[first - 1] == 1) --first;
  std::size_t unchanged = 0;
  while (unchanged < in.size() && out[unchanged] == in[unchanged]) ++unchanged;
  // Axes of one element are as good as reduced.
  if (out.size() != in.size() || unchanged < first || first == in.size()) return -1;
  return static_cast<std::int64_t>(std::min(unchanged, in.size() - 1));
}

/// A tensor and the first axis of the means over its last axes.
struct Means {
  int tensor = -1;
  std::int64_t axis = -1;
};

/// Of the squares whose mean a node's root holds: sqrt(mean(t^2) + epsilon).
Means root_mean_square_of(const NodeIndex& index, int root) {
  int sum = index.is(root, "Sqrt") ? index.maker(index.node(root).inputs.at(0)) : -1;
  if (index.is(sum, "Add") && index.beside_number(sum) >= 0) {
    sum = index.maker(index.beside_number(sum));
  }
  const std::int64_t axis = first_mean_axis(index, sum);
  if (axis < 0) return {};
  const int square = index.maker(index.node(sum).inputs.at(0));
  if (index.is(square, "Pow") && index.number(index.node(square).inputs.at(1)) == 2.0L) {
    return {index.node(square).inputs[0], axis};
  }
  if (index.is(square, "Mul") && index.node(square).inputs[0] == index.node(square).inputs[1]) {
    return {index.node(square).inputs[0], axis};
  }
  return {};
}

/// One over a tensor: the tensor; or -1.
int inverted(const NodeIndex& index, int n) {
  if (index.is(n, "Reciprocal")) return index.node(n).inputs.at(0);
  const bool divides = index.is(n, "Div") && index.number(index.node(n).inputs.at(0)) == 1.0L;
  return divides ? index.node(n).inputs.at(1) : -1;
}

/// The tensor that mean square is taken of, where a node divides it by the root.
Means normalised_tensor(const NodeIndex& index, int n) {
  if (index.is(n, "Div")) {
    const Means means = root_mean_square_of(index, index.maker(index.node(n).inputs.at(1)));
    return means.tensor == index.node(n).inputs[0] ? means : Means{};
  }
  if (!index.is(n, "Mul")) return {};
  for (const int input : index.node(n).inputs) {
    const int root = inverted(index, index.maker(input));
    const Means means = root_mean_square_of(index, index.maker(root));
    if (means.tensor >= 0 && means.tensor == index.other(n, input)) return means;
  }
  return {};
}

/// What is added to the mean square below the root that a node divides by, or multiplies by the
/// inverse of.
double epsilon_of(const NodeIndex& index, int n) {
  for (const int input : index.node(n).inputs) {
    int root = index.maker(input);
    if (index.is(n, "Mul") && root >= 0 && !index.is(root, "Sqrt")) {
      root = index.maker(index.node(root).inputs.back());
    }
    if (!index.is(root, "Sqrt")) continue;
    const int sum = index.maker(index.node(root).inputs.at(0));
    if (!index.is(sum, "Add") || index.beside_number(sum) < 0) return 0;
    const auto epsilon = index.number(index.other(sum, index.beside_number(sum)));
    return epsilon ? static_cast<double>(*epsilon) : 0;
  }
  return 0;
}

/// Whether a constant has a number for each element of the tensor's axes from `first` on.
bool is_by_feature(const NodeIndex& index, int constant, int tensor, std::int64_t first) {
  if (!index.is_constant(constant)) return false;
  const Shape& shape = index.shape(tensor);
  const Shape features(shape.begin() + first, shape.end());
  Shape given = index.shape(constant);
  while (given.size() > features.size() && given.front() == 1) given.erase(given.begin());
  return given == features;
}

/// (x - mean) / deviation over the last axes, scaled and shifted by constants; without the mean RMS
/// normalisation.
std::optional<Found> match_norm(const NodeIndex& index, int n) {
  const auto [tensor, axis] = normalised_tensor(index, n);
  if (tensor < 0) return std::nullopt;
  int root = tensor;
  const int centred = index.maker(tensor);
  if (index.is(centred, "Sub")) {
    const int mean = index.maker(index.node(centred).inputs.at(1));
    if (first_mean_axis(index, mean) == axis &&
        index.node(mean).inputs.at(0) == index.node(centred).inputs[0]) {
      root = index.node(centred).inputs[0];
    }
  }
  const int scale = index.only_reader(n);
  const int weight = index.other(scale, index.node(n).outputs[0]);
  if (!index.is(scale, "Mul") || !is_by_feature(index, weight, tensor, axis)) {
    return std::nullopt;  // without parameters it stays what it is
  }
  std::vector<int> inputs{root, weight};
  int last = scale;
  const bool layer = root != tensor;
  if (layer) {
    last = index.only_reader(scale);
    const int bias = index.other(last, index.node(scale).outputs[0]);
    if (!index.is(last, "Add") || !is_by_feature(index, bias, tensor, axis)) return std::nullopt;
    inputs.push_back(bias);
  }
  Found found{last, replaced(index, last, layer ? "LayerNormalization" : "RMSNormalization",
                             std::move(inputs))};
  found.node.integers["axis"] = {axis};
  found.node.numbers["epsilon"] = epsilon_of(index, n);
  return found;
}

/// A constant with a number for each channel of `image`.
bool is_by_channel(const TensorNetwork& network, int tensor, const Shape& image) {
  if (tensor < 0 || !network.tensors[static_cast<std::size_t>(tensor)].constant) return false;
  Shape shape = network.tensors[static_cast<std::size_t>(tensor)].shape;
  if (shape.size() > image.size()) return false;
  shape.insert(shape.begin(), image.size() - shape.size(), 1);
  for (std::size_t axis = 0; axis < shape.size(); ++axis) {
    if (shape[axis] != (axis == 1 ? image[1] : 1)) return false;
  }
  return true;
}

/// Group normalisation as PyTorch exports it: instance normalisation, scaled by ones and shifted by
/// zeros, of an image whose groups are channels; then scale and shift of the image's own channels.
std::optional<Found> match_group_norm(const TensorNetwork& network, const NodeIndex& index, int n) {
  if (!index.is(n, "InstanceNormalization") || index.node(n).inputs.size() < 3) return std::nullopt;
  const std::vector<int>& inputs = index.node(n).inputs;
  const int into = index.maker(inputs[0]);
  const int back = index.only_reader(n);
  if (!index.is(into, "Reshape") || !index.is(back, "Reshape")) return std::nullopt;
  if (index.number(inputs[1]) != 1.0L || index.number(inputs[2]) != 0.0L) return std::nullopt;
  const auto shape = [&](int tensor) {
    return network.tensors[static_cast<std::size_t>(tensor)].shape;
  };
  const int image = index.node(into).inputs.at(0);
  const Shape whole = shape(image);
  const Shape grouped = shape(inputs[0]);
  const bool fits = (whole.size() == 3 || whole.size() == 4) && grouped.size() >= 3 &&
                    grouped[0] == whole[0] && grouped[1] > 0 && whole[1] % grouped[1] == 0 &&
                    shape(index.node(back).outputs.at(0)) == whole;
  if (!fits) return std::nullopt;
  const int scale = index.only_reader(back);
  if (!index.is(scale, "Mul")) return std::nullopt;
  const int shift = index.only_reader(scale);
  if (!index.is(shift, "Add")) return std::nullopt;
  const int weight = index.other(scale, index.node(back).outputs[0]);
  const int bias = index.other(shift, index.node(scale).outputs[0]);
  if (!is_by_channel(network, weight, whole) || !is_by_channel(network, bias, whole)) {
    return std::nullopt;
  }
  Found found{shift, replaced(index, shift, "GroupNormalization", {image, weight, bias})};
  found.node.integers["num_groups"] = {grouped[1]};
  found.node.numbers = index.node(n).numbers;
  return found;
}

/// A number times what softmax normalises.
std::optional<Found> match_scaled_softmax(const NodeIndex& index, int n) {
  if (!index.is(n, "Softmax")) return std::nullopt;
  const int scale = index.maker(index.node(n).inputs.at(0));
  const bool scales = index.is(scale, "Mul") || index.is(scale, "Div");
  if (!scales || index.beside_number(scale) < 0 || index.only_reader(scale) != n) {
    return std::nullopt;
  }
  if (index.is(scale, "Div") && index.is_constant(index.node(scale).inputs[0])) return std::nullopt;
  Found found{n, index.node(n)};
  found.node.inputs = {index.beside_number(scale)};
  found.node.integers["scaled"] = {1};
  const auto factor = index.number(index.other(scale, index.beside_number(scale)));
  if (factor) {
    const auto value = static_cast<double>(*factor);
    found.node.numbers["factor"] = index.is(scale, "Div") ? 1 / value : value;
  }
  return found;
}

/// A constant row added to the product with a constant matrix.
std::optional<Found> match_bias(const TensorNetwork& network, const NodeIndex& index, int n) {
  if (!index.is(n, "MatMul") || !index.is_constant(index.node(n).inputs.at(1))) {
    return std::nullopt;
  }
  const int sum = index.only_reader(n);
  if (!index.is(sum, "Add")) return std::nullopt;
  const int bias = index.other(sum, index.node(n).outputs[0]);
  if (!index.is_constant(bias) || index.is_constant(index.node(n).inputs[0])) return std::nullopt;
  const Shape& shape = network.tensors[static_cast<std::size_t>(bias)].shape;
  const Shape& out = network.tensors[static_cast<std::size_t>(index.node(n).outputs[0])].shape;
  if (shape.size() != 1 || out.empty() || shape[0] != out.back()) return std::nullopt;
  Found found{sum, index.node(n)};
  found.node.outputs = index.node(sum).outputs;
  found.node.integers["bias"] = {1};
  found.node.inputs.push_back(bias);
  return found;
}

/// Takes out nodes that no result of the network depends on.
void drop_unneeded(TensorNetwork& network) {
  std::vector<bool> needed(network.tensors.size(), false);
  for (const int id : network.outputs) needed[static_cast<std::size_t>(id)] = true;
  std::vector<NetNode> kept;
  for (auto node = network.nodes.rbegin(); node != network.nodes.rend(); ++node) {
    const bool read = std::any_of(node->outputs.begin(), node->outputs.end(), [&](int id) {
      return id >= 0 && needed[static_cast<std::size_t>(id)];
    });
    if (!read) continue;
    for (const int id : node->inputs) {
      if (id >= 0) needed[static_cast<std::size_t>(id)] = true;
    }
    kept.push_back(std::move(*node));
  }
  std::reverse(kept.begin(), kept.end());
  network.nodes = std::move(kept);
}

/// Readers of what passes unchanged read where it comes from.
void skip_identities(TensorNetwork& network) {
  std::vector<int> source(network.tensors.size());
  std::iota(source.begin(), source.end(), 0);
  const auto is_whole = [&](int id) { return network.tensors[static_cast<std::size_t>(id)].whole; };
  for (NetNode& node : network.nodes) {
    for (int& id : node.inputs) {
      if (id >= 0) id = source[static_cast<std::size_t>(id)];
    }
    if (node.inputs.empty() || node.inputs[0] < 0 || node.outputs.empty() || node.outputs[0] < 0) {
      continue;
    }
    const bool passes =
        node.op == "Identity" || node.op == "Dropout" ||
        (node.op == "Cast" && !is_whole(node.inputs[0]) && !is_whole(node.outputs[0]));
    if (passes) source[static_cast<std::size_t>(node.outputs[0])] = node.inputs[0];
  }
}

template <class Match>
void replace_all(TensorNetwork& network, Match match) {
  const NodeIndex index(network);
  std::vector<Found> all;
  for (int n = 0; n < static_cast<int>(network.nodes.size()); ++n) {
    if (auto found = match(index, n)) all.push_back(std::move(*found));
  }
  if (all.empty()) return;
  for (Found& found : all) {
    network.nodes[static_cast<std::size_t>(found.last)] = std::move(found.node);
  }
  drop_unneeded(network);
}

}  // namespace

void recognise_patterns(TensorNetwork& network) {
  spell_out_norms(network);
  skip_identities(network);
  drop_unneeded(network);
  replace_all(network, match_gelu);
  replace_all(network, match_gate);
  replace_all(network, match_hard_swish);
  replace_all(network, match_norm);
  replace_all(network,
              [&](const NodeIndex& index, int n) { return match_group_norm(network, index, n); });
  replace_all(network, match_scaled_softmax);
  join_cuts(network);
  replace_all(network,
              [&](const NodeIndex& index, int n) { return match_bias(network, index, n); });
}

}  // namespace mxsim
