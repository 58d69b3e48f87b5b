#include "sim/import/lowering/trace_builder.h"

#include <fmt/format.h>

#include <algorithm>
#include <queue>
#include <utility>

#include "models/core/error.h"

namespace mxsim {
namespace {

bool works_on_images(const std::string& op) {
  static const std::set<std::string> kOps{
      "Conv",         "ConvTranspose",         "MaxPool",       "AveragePool",
      "LpPool",       "GlobalAveragePool",     "GlobalMaxPool", "BatchNormalization",
      "LRN",          "InstanceNormalization", "Resize",        "Upsample",
      "DepthToSpace", "SpaceToDepth"};
  return kOps.contains(op);
}

bool hides_images(const std::string& op) {
  return op == "MatMul" || op == "Gemm" || op == "Reshape" || op == "Transpose";
}

}  // namespace

std::int64_t product(const Shape& shape) {
  std::int64_t all = 1;
  for (const std::int64_t extent : shape) all = exact_mul(all, extent);
  return all;
}

TraceBuilder::TraceBuilder(const TensorNetwork& network, std::int64_t batch,
                           std::vector<std::string>& notes)
    : network_(network), batch_(batch), notes_(notes) {
  graph_.name = network.name;
  graph_.source = network.source;
  add_inputs();
}

/// Whether an operator on images reads it, directly or behind others that keep its form.
bool TraceBuilder::feeds_image(int id) const {
  std::set<int> seen{id};
  for (const NetNode& node : network_.nodes) {
    const bool reads = std::any_of(node.inputs.begin(), node.inputs.end(),
                                   [&](int input) { return seen.contains(input); });
    if (!reads) continue;
    if (works_on_images(node.op)) return true;
    if (!hides_images(node.op)) seen.insert(node.outputs.begin(), node.outputs.end());
  }
  return false;
}

void TraceBuilder::add_inputs() {
  for (const int id : network_.inputs) {
    const NetTensor& given = tensor(id);
    const bool read =
        std::any_of(network_.nodes.begin(), network_.nodes.end(), [&](const NetNode& node) {
          return std::find(node.inputs.begin(), node.inputs.end(), id) != node.inputs.end();
        });
    if (!read) continue;
    if (std::find(given.shape.begin(), given.shape.end(), 0) != given.shape.end()) {
      throw InputError(fmt::format("input \"{}\" has no elements", given.name));
    }
    TensorLayout layout = plain_layout(given.shape, batch_);
    const std::string name = unique(given.name);
    const std::size_t rank = given.shape.size();
    const bool as_image = rank >= 3 && rank <= 5 && given.shape[0] == batch_ && feeds_image(id);
    Shape shape;
    for (std::size_t i = 0; i < rank; ++i) shape.push_back(layout.extent(i));
    if (as_image) {
      set_image(id, name);
      shape = layouts_[id].shape;
    } else {
      const std::int64_t columns = shape.empty() ? 1 : shape.back();
      const std::int64_t rows = product(shape) / columns;
      shape = rows == 1 ? Shape{columns} : Shape{rows, columns};
      layout.tensor = name;
      layout.shape = shape;
      layouts_[id] = layout;
    }
    inputs_[name] = {given.name, given.shape, layouts_[id]};
    graph_.inputs.push_back({name, shape});
  }
}

std::string TraceBuilder::unique(const std::string& name) {
  const std::string base = name.empty() ? "layer" : name;
  std::string candidate = base;
  for (int i = 2; !names_.insert(candidate).second; ++i) candidate = fmt::format("{}_{}", base, i);
  return candidate;
}

const TensorLayout& TraceBuilder::layout(int id) const {
  const auto found = layouts_.find(id);
  if (found == layouts_.end()) {
    throw InputError(
        fmt::format("reads \"{}\", a result that is not modelled", id < 0 ? "" : tensor(id).name));
  }
  return found->second;
}

void TraceBuilder::set_layout(int id, TensorLayout layout) { layouts_[id] = std::move(layout); }

std::string TraceBuilder::add(const std::string& op, const std::string& name,
                              std::vector<std::string> inputs, RawAttributes attributes) {
  const std::string layer = unique(name);
  graph_.layers.push_back({layer, op, std::move(inputs), {layer}, std::move(attributes)});
  return layer;
}

void TraceBuilder::feed(const std::string& input) { graph_.layers.back().inputs.push_back(input); }

bool TraceBuilder::is_read(int id) const {
  const auto holds = [&](const std::vector<int>& ids) {
    return std::find(ids.begin(), ids.end(), id) != ids.end();
  };
  return holds(network_.outputs) ||
         std::any_of(network_.nodes.begin(), network_.nodes.end(),
                     [&](const NetNode& node) { return holds(node.inputs); });
}

void TraceBuilder::state(const std::string& constant, double value) {
  graph_.layers.back().constants[constant] = value;
}

void TraceBuilder::stand_in() { graph_.layers.back().cost_alone = true; }

void TraceBuilder::note_inexact(const NetNode& node) {
  inexact_.push_back(fmt::format("{} \"{}\"", node.op, node.name));
}

void TraceBuilder::bind(const std::string& parameter, const std::vector<int>& tensors,
                        ParameterSource::Arrange arrange) {
  BoundParameter bound{{{}, std::move(arrange)}, {}};
  for (const int id : tensors) {
    bound.elements.push_back(product(shape(id)));
    FileNumbers& numbers = bound.source.tensors.emplace_back();
    numbers.tensor = tensor(id).name;
    if (!tensor(id).values) continue;
    numbers.values.emplace();
    for (const long double value : tensor(id).values->numbers) {
      numbers.values->push_back(static_cast<float>(value));
    }
  }
  parameters_[graph_.layers.back().name + "." + parameter] = std::move(bound);
}

std::vector<std::string> TraceBuilder::add_parts(const std::string& op, const std::string& name,
                                                 const std::string& input, std::size_t parts,
                                                 RawAttributes attributes) {
  const std::string layer = unique(name);
  std::vector<std::string> outputs;
  for (std::size_t i = 0; i < parts; ++i) outputs.push_back(unique(fmt::format("{}.{}", layer, i)));
  graph_.layers.push_back({layer, op, {input}, outputs, std::move(attributes)});
  return outputs;
}

void TraceBuilder::set_formats(std::size_t first, const std::string& weights,
                               const std::string& activations) {
  for (std::size_t l = first; l < graph_.layers.size(); ++l) {
    Layer& layer = graph_.layers[l];
    const bool weighted = layer.op == "conv2d" || layer.op == "conv_transpose2d" ||
                          layer.op == "linear" || layer.op == "lstm" || layer.op == "gru" ||
                          layer.op == "rnn";
    if (!weighted && layer.op != "matmul") continue;
    if (weighted && !weights.empty()) layer.formats["weights"] = weights;
    if (!activations.empty()) layer.formats["activations"] = activations;
  }
}

TensorLayout TraceBuilder::arranged(const TensorLayout& from, const std::vector<std::size_t>& order,
                                    const Shape& shape, bool image, const std::string& name) {
  const TensorLayout simple = simplified(from);
  const std::vector<int> places = factor_order(simple, order);
  TensorLayout result = simple;
  result.shape = shape;
  result.image = image;
  if (std::is_sorted(places.begin(), places.end())) {
    if (shape != from.shape || image != from.image) {
      result.tensor = add("reshape", name + ".reshape", {from.tensor}, {{"shape", shape}});
    }
    return result;
  }
  std::vector<std::int64_t> moved(places.begin(), places.end());
  result.tensor = add("permute", name + ".permute", {from.tensor},
                      {{"shape", shape}, {"factors", simple.factors}, {"order", moved}});
  std::vector<int> number(places.size());
  for (std::size_t i = 0; i < places.size(); ++i) {
    number[static_cast<std::size_t>(places[i])] = static_cast<int>(i);
    result.factors[i] = simple.factors[static_cast<std::size_t>(places[i])];
  }
  for (std::vector<int>& axis : result.axes) {
    for (int& factor : axis) {
      if (factor != kBatchFactor) factor = number[static_cast<std::size_t>(factor)];
    }
  }
  return result;
}

/// Elements that were moved are moved once for all readers.
TensorLayout TraceBuilder::kept(int id, TensorLayout made) {
  const TensorLayout& before = layouts_.at(id);
  const std::vector<std::size_t> axes = all_axes(before);
  if (factor_order(simplified(before), axes) != factor_order(simplified(made), axes)) {
    layouts_[id] = made;
  }
  return made;
}

TensorLayout TraceBuilder::matrix(int id, std::size_t column_axes) {
  const TensorLayout& from = layout(id);
  const std::size_t rank = from.axes.size();
  std::int64_t columns = 1;
  std::int64_t rows = 1;
  for (std::size_t i = 0; i < rank; ++i) {
    (i + column_axes < rank ? rows : columns) *= from.extent(i);
  }
  const Shape shape = rows == 1 ? Shape{columns} : Shape{rows, columns};
  return kept(id, arranged(from, all_axes(from), shape, false, tensor(id).name));
}

TensorLayout TraceBuilder::image(int id) {
  const TensorLayout& from = layout(id);
  const std::size_t rank = from.axes.size();
  if (rank < 2 || rank > 4) {
    throw InputError(fmt::format("works on an input of {} axes; images have 3 or 4", rank));
  }
  if (from.extent(0) != 1) {
    throw InputError(fmt::format("works on {} images where the network's batch is {}",
                                 shape(id).front(), batch_));
  }
  const std::int64_t height = rank == 4 ? from.extent(2) : 1;
  const std::int64_t width = rank == 2 ? 1 : from.extent(rank - 1);
  std::vector<std::size_t> order{0};
  for (std::size_t i = 2; i < rank; ++i) order.push_back(i);
  order.push_back(1);
  return kept(id, arranged(from, order, {from.extent(1), height, width}, true, tensor(id).name));
}

TensorLayout TraceBuilder::volume(int id) {
  const TensorLayout& from = layout(id);
  if (from.axes.size() != 5) return image(id);
  if (from.extent(0) != 1) {
    throw InputError(fmt::format("works on {} volumes where the network's batch is {}",
                                 shape(id).front(), batch_));
  }
  const std::int64_t rows = exact_mul(from.extent(2), from.extent(3));
  return kept(id, arranged(from, {0, 2, 3, 4, 1}, {from.extent(1), rows, from.extent(4)}, true,
                           tensor(id).name));
}

TensorLayout TraceBuilder::natural(int id) {
  const TensorLayout& from = layout(id);
  Shape extents;
  for (std::size_t i = 0; i < from.axes.size(); ++i) extents.push_back(from.extent(i));
  if (extents.empty()) extents = {1};
  if (extents.size() == 3) extents.insert(extents.begin(), 1);
  return kept(id, arranged(from, all_axes(from), extents, false, tensor(id).name));
}

void TraceBuilder::set_same(int id, const TensorLayout& from, const std::string& tensor) {
  TensorLayout layout = from;
  layout.tensor = tensor;
  layouts_[id] = std::move(layout);
}

void TraceBuilder::set_plain(int id, const std::string& name, const Shape& trace_shape) {
  TensorLayout layout = plain_layout(shape(id), batch_);
  layout.tensor = name;
  layout.shape = trace_shape;
  layouts_[id] = std::move(layout);
}

void TraceBuilder::set_image(int id, const std::string& name) {
  const Shape& extents = shape(id);
  const std::size_t rank = extents.size();
  TensorLayout layout;
  layout.tensor = name;
  layout.image = true;
  std::int64_t rows = 1;
  for (std::size_t axis = 2; axis + 1 < rank; ++axis) rows = exact_mul(rows, extents[axis]);
  layout.shape = {rank > 1 ? extents[1] : 1, rows, rank > 2 ? extents[rank - 1] : 1};
  layout.axes.resize(rank);
  if (batch_ > 1) layout.axes[0].push_back(kBatchFactor);
  const auto put = [&](std::size_t axis) {
    if (axis >= rank || extents[axis] == 1) return;
    layout.axes[axis].push_back(static_cast<int>(layout.factors.size()));
    layout.factors.push_back(extents[axis]);
  };
  for (std::size_t axis = 2; axis < rank; ++axis) put(axis);
  put(1);
  layouts_[id] = std::move(layout);
}

/// Results of the network lie in the order of their axes, images with channels last.
TensorLayout TraceBuilder::result_in_order(int id) {
  const TensorLayout& from = layout(id);
  std::vector<std::size_t> order = all_axes(from);
  if (lies_in_order(from, order)) return from;
  const bool may_be_image = order.size() >= 3 && order.size() <= 5 && from.extent(0) == 1;
  if (!may_be_image) return matrix(id);
  std::rotate(order.begin() + 1, order.begin() + 2, order.end());
  return lies_in_order(from, order) ? from : volume(id);
}

ImportedNetwork TraceBuilder::take() {
  std::map<std::string, FileTensor> outputs;
  for (const int id : network_.outputs) {
    if (is_constant(id)) continue;
    if (!layouts_.contains(id)) {
      note(fmt::format("output \"{}\" is left out: it is no result of its own here",
                       tensor(id).name));
      continue;
    }
    const TensorLayout result = result_in_order(id);
    std::string name = result.tensor;
    const bool is_input = std::any_of(graph_.inputs.begin(), graph_.inputs.end(),
                                      [&](const GraphInput& input) { return input.name == name; });
    if (is_input || outputs.contains(name)) {
      name = add("reshape", tensor(id).name, {name}, {{"shape", result.shape}});
    }
    outputs[name] = {tensor(id).name, shape(id), result};
    if (std::find(graph_.outputs.begin(), graph_.outputs.end(), name) == graph_.outputs.end()) {
      graph_.outputs.push_back(name);
    }
  }
  drop_unread();
  if (graph_.layers.empty()) throw InputError("no node computes with the network's inputs");
  share_weights(graph_, parameters_);
  std::map<std::string, ParameterSource> parameters;
  for (auto& [name, bound] : parameters_) parameters[name] = std::move(bound.source);
  ImportedNetwork imported{
      std::move(graph_),  {}, batch_, std::move(parameters), std::move(inputs_), std::move(outputs),
      std::move(inexact_)};
  return imported;
}

/// What no output of the network depends on is not computed.
void TraceBuilder::drop_unread() {
  std::set<std::string> wanted(graph_.outputs.begin(), graph_.outputs.end());
  for (auto layer = graph_.layers.rbegin(); layer != graph_.layers.rend(); ++layer) {
    const bool read = std::any_of(layer->outputs.begin(), layer->outputs.end(),
                                  [&](const std::string& name) { return wanted.contains(name); });
    if (read) wanted.insert(layer->inputs.begin(), layer->inputs.end());
    if (!read) layer->outputs.clear();
  }
  std::erase_if(graph_.layers, [](const Layer& layer) { return layer.outputs.empty(); });
  std::erase_if(graph_.inputs,
                [&](const GraphInput& input) { return !wanted.contains(input.name); });
}

}  // namespace mxsim
