#include "sim/import/onnx/node_inference.h"

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

std::string first_line(const std::string& text) { return text.substr(0, text.find('\n')); }

}  // namespace

bool is_standard_operator(const onnx::NodeProto& node, std::int64_t version) {
  return schema_of(node, version) != nullptr;
}

std::vector<onnx::TypeProto> infer_outputs(const onnx::NodeProto& node, std::int64_t version,
                                           const std::vector<InferenceInput>& inputs) {
  NodeContext context(node, inputs);
  const onnx::OpSchema* schema = schema_of(node, version);
  if (schema == nullptr || !schema->has_type_and_shape_inference_function()) return context.take();
  try {
    schema->GetTypeAndShapeInferenceFunction()(context);
  } catch (const std::exception& error) {
    throw InputError(first_line(error.what()));
  }
  return context.take();
}

}  // namespace mxsim
