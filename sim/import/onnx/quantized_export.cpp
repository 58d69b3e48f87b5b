#include "sim/import/onnx/quantized_export.h"

#include <array>
#include <set>
#include <utility>
#include <vector>

#include "models/core/error.h"
#include "models/workload/kinds/batch_norm.h"
#include "models/workload/shaped_graph.h"
#include "sim/import/onnx/onnx_headers.h"
#include "sim/import/onnx/quantized_weights.h"

namespace mxsim {
namespace {

constexpr const char* kQonnxDomain = "qonnx.custom_op.general";
constexpr int kOpset = 13;
constexpr int kLargestQcdqBits = 8;

/// Operators with the same meaning and no attributes.
constexpr std::array<std::pair<std::string_view, const char*>, 6> kSameOperators{
    {{"relu", "Relu"},
     {"tanh", "Tanh"},
     {"sigmoid", "Sigmoid"},
     {"add", "Add"},
     {"multiply", "Mul"},
     {"global_average_pool", "GlobalAveragePool"}}};

class Exporter {
 public:
  Exporter(const Graph& graph, const NetworkTensors& tensors, const FormatSpec& weights,
           QuantizerNodes nodes)
      : shaped_(shape_graph(graph, 1)), tensors_(tensors), weights_(weights), nodes_(nodes) {
    model_.set_ir_version(7);
    model_.set_producer_name("mxsim");
    add_domain("", kOpset);
    if (nodes == QuantizerNodes::kQonnx) add_domain(kQonnxDomain, 1);
    model_.mutable_graph()->set_name(graph.name);
  }

  std::string run() {
    for (const ShapedLayer& layer : shaped_.layers) try_layer(layer);
    if (!faults_.empty()) throw InputError(std::move(faults_));
    add_ends();
    return model_.SerializeAsString();
  }

 private:
  void add_domain(const char* domain, int version) {
    onnx::OperatorSetIdProto* const opset = model_.add_opset_import();
    opset->set_domain(domain);
    opset->set_version(version);
  }

  const std::string& name_of(std::int32_t tensor) const {
    return shaped_.tensors[static_cast<std::size_t>(tensor)].name;
  }

  onnx::NodeProto& node(const std::string& op, const std::string& name,
                        const std::vector<std::string>& inputs, const std::string& output) {
    onnx::NodeProto& node = *model_.mutable_graph()->add_node();
    node.set_op_type(op);
    node.set_name(name);
    for (const std::string& input : inputs) node.add_input(input);
    node.add_output(output);
    return node;
  }

  static void set_integer(onnx::NodeProto& node, const char* name, std::int64_t value) {
    onnx::AttributeProto& attribute = *node.add_attribute();
    attribute.set_name(name);
    attribute.set_type(onnx::AttributeProto::INT);
    attribute.set_i(value);
  }
  static void set_integers(onnx::NodeProto& node, const char* name,
                           const std::vector<std::int64_t>& values) {
    onnx::AttributeProto& attribute = *node.add_attribute();
    attribute.set_name(name);
    attribute.set_type(onnx::AttributeProto::INTS);
    for (const std::int64_t value : values) attribute.add_ints(value);
  }
  static void set_text(onnx::NodeProto& node, const char* name, const char* value) {
    onnx::AttributeProto& attribute = *node.add_attribute();
    attribute.set_name(name);
    attribute.set_type(onnx::AttributeProto::STRING);
    attribute.set_s(value);
  }

  std::string floats(const std::string& name, const Shape& shape,
                     const std::vector<float>& values) {
    onnx::TensorProto& tensor = *model_.mutable_graph()->add_initializer();
    tensor.set_name(name);
    tensor.set_data_type(onnx::TensorProto::FLOAT);
    for (const std::int64_t extent : shape) tensor.add_dims(extent);
    for (const float value : values) tensor.add_float_data(value);
    return name;
  }

  /// Integers of one byte.
  std::string bytes(const std::string& name, const Shape& shape, const std::vector<float>& values,
                    onnx::TensorProto::DataType type) {
    onnx::TensorProto& tensor = *model_.mutable_graph()->add_initializer();
    tensor.set_name(name);
    tensor.set_data_type(type);
    for (const std::int64_t extent : shape) tensor.add_dims(extent);
    for (const float value : values) tensor.add_int32_data(static_cast<std::int32_t>(value));
    return name;
  }

  const std::vector<float>& tensor(const std::string& name, std::int64_t elements) const {
    const auto found = tensors_.find(name);
    if (found == tensors_.end()) throw InputError("no \"" + name + "\"");
    if (static_cast<std::int64_t>(found->second.size()) == elements) return found->second;
    throw InputError("\"" + name + "\" has " + std::to_string(found->second.size()) +
                     " elements, expected " + std::to_string(elements));
  }

  void try_layer(const ShapedLayer& layer) {
    try {
      add_layer(layer);
    } catch (const InputError& error) {
      faults_.push_back(
          {"", "", "layer \"" + layer.name + "\": " + error.diagnostics().front().message});
    }
  }

  void add_layer(const ShapedLayer& layer) {
    const std::string_view op = layer.kind->op();
    const std::string& output = name_of(layer.outputs.front());
    std::vector<std::string> inputs;
    for (const std::int32_t input : layer.inputs) inputs.push_back(name_of(input));
    if (layer.kind->role() == LayerRole::kLoss) {
      scores_ = layer.inputs.front();
    } else if (op == "conv2d") {
      add_convolution(layer, inputs.front(), output);
    } else if (op == "linear") {
      add_linear(layer, inputs.front(), output);
    } else if (op == "batch_norm") {
      add_batch_norm(layer, inputs.front(), output);
    } else if (op == "max_pool" || op == "average_pool") {
      add_pool(layer, inputs.front(), output);
    } else if (op == "flatten") {
      set_integer(node("Flatten", layer.name, inputs, output), "axis", 1);
    } else {
      for (const auto& [ours, theirs] : kSameOperators) {
        if (op == ours && inputs.size() <= 2) {
          node(theirs, layer.name, inputs, output);
          return;
        }
      }
      throw InputError("no ONNX operator for " + std::string(op));
    }
  }

  static void set_window(const ShapedLayer& layer, onnx::NodeProto& node) {
    const Extent2d kernel = layer.attributes.pair("kernel");
    const Extent2d stride = layer.attributes.pair("stride");
    const Sides pad = layer.attributes.sides("padding");
    set_integers(node, "kernel_shape", {kernel.h, kernel.w});
    set_integers(node, "strides", {stride.h, stride.w});
    set_integers(node, "pads", {pad.top, pad.left, pad.bottom, pad.right});
  }

  void add_convolution(const ShapedLayer& layer, const std::string& input,
                       const std::string& output) {
    const Extent2d kernel = layer.attributes.pair("kernel");
    const Extent2d dilation = layer.attributes.pair("dilation");
    const std::int64_t groups = layer.attributes.scalar("groups");
    const std::int64_t out = layer.attributes.scalar("out_channels");
    const Shape shape{out, layer.input_shapes[0][1] / groups, kernel.h, kernel.w};
    std::vector<std::string> inputs{input, add_weights(layer, shape)};
    if (layer.attributes.scalar("bias") == 1) inputs.push_back(add_vector(layer, "bias", out));
    onnx::NodeProto& made = node("Conv", layer.name, inputs, output);
    set_window(layer, made);
    set_integers(made, "dilations", {dilation.h, dilation.w});
    set_integer(made, "group", groups);
  }

  void add_linear(const ShapedLayer& layer, const std::string& input, const std::string& output) {
    const std::int64_t out = layer.attributes.scalar("out_features");
    const bool biased = layer.attributes.scalar("bias") == 1;
    const std::string product = biased ? layer.name + ".product" : output;
    const std::string weights = add_weights(layer, {layer.input_shapes[0].back(), out});
    node("MatMul", layer.name, {input, weights}, product);
    if (!biased) return;
    node("Add", layer.name + ".add", {product, add_vector(layer, "bias", out)}, output);
  }

  std::string add_vector(const ShapedLayer& layer, const char* parameter, std::int64_t size) {
    const std::string name = layer.name + "." + parameter;
    return floats(name, {size}, tensor(name, size));
  }

  void add_batch_norm(const ShapedLayer& layer, const std::string& input,
                      const std::string& output) {
    const std::int64_t channels = layer.input_shapes[0][1];
    const std::vector<float>& running = tensor(layer.name + ".running", 2 * channels);
    const auto half = running.begin() + static_cast<std::ptrdiff_t>(channels);
    const std::vector<std::string> inputs{
        input, add_vector(layer, "weight", channels), add_vector(layer, "bias", channels),
        floats(layer.name + ".mean", {channels}, {running.begin(), half}),
        floats(layer.name + ".variance", {channels}, {half, running.end()})};
    onnx::NodeProto& made = node("BatchNormalization", layer.name, inputs, output);
    onnx::AttributeProto& epsilon = *made.add_attribute();
    epsilon.set_name("epsilon");
    epsilon.set_type(onnx::AttributeProto::FLOAT);
    epsilon.set_f(static_cast<float>(layer.constants.value_or("epsilon", kBatchNormEpsilon)));
  }

  void add_pool(const ShapedLayer& layer, const std::string& input, const std::string& output) {
    const bool is_maximum = layer.kind->op() == "max_pool";
    onnx::NodeProto& made =
        node(is_maximum ? "MaxPool" : "AveragePool", layer.name, {input}, output);
    set_window(layer, made);
    if (is_maximum) return;
    set_integer(made, "count_include_pad", layer.attributes.scalar("count_padding"));
  }

  /// The tensor that a quantizer leaves.
  std::string add_weights(const ShapedLayer& layer, const Shape& shape) {
    const std::string name = layer.name + ".weight";
    const QuantizedWeights weights =
        quantized_weights(tensor(name, elements(shape)), shape, weights_);
    floats(name, shape, weights.values);
    if (nodes_ == QuantizerNodes::kQcdq) return add_qcdq(name, weights);
    floats(name + ".scale", weights.scale_shape, weights.scales);
    return has_integers(weights_) ? add_quant(name, weights) : add_float_quant(name);
  }

  std::string add_quant(const std::string& name, const QuantizedWeights& weights) {
    const bool is_signed = weights_.element.sign == SignCoding::kTwosComplement;
    floats(name + ".zero", weights.scale_shape, weights.zeros);
    floats(name + ".bits", {}, {static_cast<float>(weights_.element_bits)});
    onnx::NodeProto& made =
        node("Quant", name + ".quant", {name, name + ".scale", name + ".zero", name + ".bits"},
             name + ".quantized");
    made.set_domain(kQonnxDomain);
    set_integer(made, "signed", is_signed ? 1 : 0);
    set_integer(made, "narrow", is_signed ? 1 : 0);  // no most negative integer
    set_text(made, "rounding_mode", "ROUND");
    return name + ".quantized";
  }

  std::string add_float_quant(const std::string& name) {
    const NumberSpec& number = weights_.element;
    const int mantissa = number.binades.front().mantissa_bits;
    const int exponent = weights_.element_bits - 1 - mantissa;
    const std::array<std::pair<const char*, double>, 4> numbers{
        {{".exponent_bits", exponent},
         {".mantissa_bits", mantissa},
         {".exponent_bias", 1 - number.lowest_exponent()},
         {".largest", number.largest()}}};
    std::vector<std::string> inputs{name, name + ".scale"};
    for (const auto& [suffix, value] : numbers) {
      inputs.push_back(floats(name + suffix, {}, {static_cast<float>(value)}));
    }
    onnx::NodeProto& made = node("FloatQuant", name + ".quant", inputs, name + ".quantized");
    made.set_domain(kQonnxDomain);
    set_integer(made, "has_inf", number.specials == SpecialCodes::kIeee ? 1 : 0);
    set_integer(made, "has_nan", number.specials == SpecialCodes::kNone ? 0 : 1);
    set_integer(made, "has_subnormal", 1);
    set_integer(made, "saturation", 1);
    set_text(made, "rounding_mode", "ROUND");
    return name + ".quantized";
  }

  std::string add_qcdq(const std::string& name, const QuantizedWeights& weights) {
    const bool is_channel = weights.scales.size() > 1 && weights.scale_shape != weights.shape;
    if (!has_integers(weights_) || weights_.element_bits > kLargestQcdqBits ||
        (weights.scales.size() > 1 && !is_channel)) {
      throw InputError("format \"" + weights_.name +
                       "\": QCDQ states integers of up to 8 bits with a scale a tensor or an "
                       "output channel");
    }
    const bool is_signed = weights_.element.sign == SignCoding::kTwosComplement;
    const auto type = is_signed ? onnx::TensorProto::INT8 : onnx::TensorProto::UINT8;
    const auto count = static_cast<std::int64_t>(weights.scales.size());
    const Shape scales = is_channel ? Shape{count} : Shape{};
    floats(name + ".scale", scales, weights.scales);
    bytes(name + ".zero", scales, weights.zeros, type);
    const auto last = static_cast<float>((1 << (weights_.element_bits - (is_signed ? 1 : 0))) - 1);
    bytes(name + ".low", {}, {is_signed ? -last : 0.0F}, type);
    bytes(name + ".high", {}, {last}, type);
    const std::int64_t axis = weights.shape.size() == 4 ? 0 : 1;
    const auto cast = [&](const char* op, const std::string& from, const std::string& to) {
      onnx::NodeProto& made = node(op, to, {from, name + ".scale", name + ".zero"}, to);
      if (is_channel) set_integer(made, "axis", axis);
    };
    cast("QuantizeLinear", name, name + ".integers");
    node("Clip", name + ".clip", {name + ".integers", name + ".low", name + ".high"},
         name + ".clipped");
    cast("DequantizeLinear", name + ".clipped", name + ".quantized");
    return name + ".quantized";
  }

  /// Extents after the batch.
  static void describe(onnx::ValueInfoProto& value, const std::string& name, const Shape& shape) {
    value.set_name(name);
    onnx::TypeProto::Tensor& type = *value.mutable_type()->mutable_tensor_type();
    type.set_elem_type(onnx::TensorProto::FLOAT);
    type.mutable_shape()->add_dim()->set_dim_param("batch");
    for (std::size_t axis = 1; axis < shape.size(); ++axis) {
      type.mutable_shape()->add_dim()->set_dim_value(shape[axis]);
    }
  }

  void add_ends() {
    for (const ShapedTensor& each : shaped_.tensors) {
      if (each.producer >= 0) continue;
      describe(*model_.mutable_graph()->add_input(), each.name, each.shape);
    }
    const std::int32_t last = scores_ >= 0 ? scores_ : shaped_.outputs.front();
    const ShapedTensor& output = shaped_.tensors[static_cast<std::size_t>(last)];
    describe(*model_.mutable_graph()->add_output(), output.name, output.shape);
  }

  ShapedGraph shaped_;
  const NetworkTensors& tensors_;
  const FormatSpec& weights_;
  QuantizerNodes nodes_;
  onnx::ModelProto model_;
  std::int32_t scores_ = -1;
  std::vector<Diagnostic> faults_;
};

}  // namespace

std::string quantized_onnx(const Graph& graph, const NetworkTensors& tensors,
                           const FormatSpec& weights, QuantizerNodes nodes) {
  return Exporter(graph, tensors, weights, nodes).run();
}

}  // namespace mxsim
