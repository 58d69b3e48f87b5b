#include "sim/import/onnx/node_inference.h"

#include <algorithm>
#include <unordered_map>

#include "models/core/error.h"

namespace mxsim {
namespace {

/// One node with what is known of its inputs. Operators with graphs inside get none of them.
class NodeContext : public onnx::InferenceContext {
 public:
  NodeContext(const onnx::NodeProto& node, const std::vector<InferenceInput>& inputs)
      : inputs_(inputs), outputs_(static_cast<std::size_t>(node.output_size())) {
    for (const onnx::AttributeProto& attribute : node.attribute()) {
      attributes_[attribute.name()] = &attribute;
    }
  }

  const onnx::AttributeProto* getAttribute(const std::string& name) const override {
    const auto found = attributes_.find(name);
    return found == attributes_.end() ? nullptr : found->second;
  }
  std::size_t getNumInputs() const override { return inputs_.size(); }
  const onnx::TypeProto* getInputType(std::size_t i) const override { return inputs_.at(i).type; }
  const onnx::TensorProto* getInputData(std::size_t i) const override { return inputs_.at(i).data; }
  std::size_t getNumOutputs() const override { return outputs_.size(); }
  onnx::TypeProto* getOutputType(std::size_t i) override { return &outputs_.at(i); }
  onnx::GraphInferencer* getGraphAttributeInferencer(const std::string&) override {
    return nullptr;
  }
  const onnx::SparseTensorProto* getInputSparseData(std::size_t) const override { return nullptr; }
  const onnx::TensorShapeProto* getSymbolicInput(std::size_t) const override { return nullptr; }

  std::vector<onnx::TypeProto> take() { return std::move(outputs_); }

 private:
  const std::vector<InferenceInput>& inputs_;
  std::vector<onnx::TypeProto> outputs_;
  std::unordered_map<std::string, const onnx::AttributeProto*> attributes_;
};

/// The last version is the newest that libonnx knows.
const onnx::OpSchema* schema_of(const onnx::NodeProto& node, std::int64_t version) {
  return onnx::OpSchemaRegistry::Schema(node.op_type(), static_cast<int>(version), node.domain());
}

/// The schema that infers the node's results: libonnx defines two comparisons by others alone.
const onnx::OpSchema* inferring_schema(const onnx::NodeProto& node, std::int64_t version) {
  onnx::NodeProto like = node;
  if (node.op_type() == "LessOrEqual") like.set_op_type("Less");
  if (node.op_type() == "GreaterOrEqual") like.set_op_type("Greater");
  return schema_of(like, version);
}

std::string first_line(const std::string& text) { return text.substr(0, text.find('\n')); }

/// libonnx divides by them.
void refuse_empty_windows(const onnx::NodeProto& node) {
  for (const onnx::AttributeProto& attribute : node.attribute()) {
    const std::string& name = attribute.name();
    if (name != "strides" && name != "dilations" && name != "kernel_shape") continue;
    for (const std::int64_t value : attribute.ints()) {
      if (value < 1)
        throw InputError(name + " of " + std::to_string(value) + ", expected 1 or more");
    }
  }
}

/// Rank of an input that is known; -1 otherwise.
int rank_of(const std::vector<InferenceInput>& inputs, std::size_t place) {
  if (place >= inputs.size() || inputs[place].type == nullptr) return -1;
  const auto& tensor = inputs[place].type->tensor_type();
  return tensor.has_shape() ? tensor.shape().dim_size() : -1;
}

/// libonnx takes an extent of the window from weights for every spatial axis of the input.
void refuse_short_windows(const onnx::NodeProto& node, const std::vector<InferenceInput>& inputs) {
  const std::string& op = node.op_type();
  if (op.find("Conv") == std::string::npos) return;
  const int rank = rank_of(inputs, 0);
  const int weights = rank_of(inputs, op == "QLinearConv" ? 3 : 1);
  if (rank >= 0 && weights >= 0 && rank != weights) {
    throw InputError("weights of " + std::to_string(weights) + " axes for an input of " +
                     std::to_string(rank));
  }
}

std::vector<std::int64_t> integers_of(const onnx::NodeProto& node, const std::string& name) {
  for (const onnx::AttributeProto& attribute : node.attribute()) {
    if (attribute.name() == name) return {attribute.ints().begin(), attribute.ints().end()};
  }
  return {};
}

/// The shape of a slice whose places are attributes (before opset 10): libonnx leaves extents open
/// where places count from the end.
void close_slice(const onnx::NodeProto& node, const std::vector<InferenceInput>& inputs,
                 std::vector<onnx::TypeProto>& outputs) {
  const bool typed = !inputs.empty() && inputs[0].type != nullptr && !outputs.empty() &&
                     inputs[0].type->tensor_type().has_shape();
  const std::vector<std::int64_t> starts = integers_of(node, "starts");
  const std::vector<std::int64_t> ends = integers_of(node, "ends");
  std::vector<std::int64_t> axes = integers_of(node, "axes");
  if (!typed || starts.size() != ends.size()) return;
  const onnx::TensorShapeProto& from = inputs[0].type->tensor_type().shape();
  for (std::size_t i = axes.size(); i < starts.size(); ++i) {
    axes.push_back(static_cast<std::int64_t>(i));
  }
  onnx::TensorShapeProto shape = from;
  for (std::size_t i = 0; i < starts.size(); ++i) {
    const std::int64_t axis = axes[i] < 0 ? axes[i] + from.dim_size() : axes[i];
    if (axis < 0 || axis >= from.dim_size()) throw InputError("an axis beyond those of its input");
    const std::int64_t extent = from.dim(static_cast<int>(axis)).dim_value();
    const auto place = [&](std::int64_t at) {
      return std::clamp<std::int64_t>(at < 0 ? at + extent : at, 0, extent);
    };
    shape.mutable_dim(static_cast<int>(axis))
        ->set_dim_value(std::max<std::int64_t>(0, place(ends[i]) - place(starts[i])));
  }
  outputs[0].mutable_tensor_type()->set_elem_type(inputs[0].type->tensor_type().elem_type());
  *outputs[0].mutable_tensor_type()->mutable_shape() = shape;
}

}  // namespace

bool is_standard_operator(const onnx::NodeProto& node, std::int64_t version) {
  return schema_of(node, version) != nullptr;
}

std::vector<onnx::TypeProto> infer_outputs(const onnx::NodeProto& node, std::int64_t version,
                                           const std::vector<InferenceInput>& inputs) {
  refuse_empty_windows(node);
  refuse_short_windows(node, inputs);
  NodeContext context(node, inputs);
  const onnx::OpSchema* schema = inferring_schema(node, version);
  if (schema == nullptr || !schema->has_type_and_shape_inference_function()) return context.take();
  try {
    schema->GetTypeAndShapeInferenceFunction()(context);
  } catch (const std::exception& error) {
    throw InputError(first_line(error.what()));
  }
  constexpr std::int64_t kPlacesAreInputs = 10;  // opset
  std::vector<onnx::TypeProto> outputs = context.take();
  if (node.op_type() == "Slice" && version < kPlacesAreInputs) close_slice(node, inputs, outputs);
  return outputs;
}

}  // namespace mxsim
