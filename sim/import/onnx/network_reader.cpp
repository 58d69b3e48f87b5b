#include "sim/import/onnx/network_reader.h"

#include <fmt/format.h>

#include <deque>
#include <unordered_map>
#include <unordered_set>

#include "models/core/error.h"
#include "sim/import/lowering/constant_folding.h"
#include "sim/import/lowering/einsum.h"
#include "sim/import/lowering/quantizers.h"
#include "sim/import/onnx/node_attributes.h"
#include "sim/import/onnx/node_inference.h"
#include "sim/import/onnx/node_order.h"
#include "sim/import/onnx/open_sizes.h"
#include "sim/import/onnx/parameter_inputs.h"
#include "sim/import/onnx/tensor_proto.h"

namespace mxsim {
namespace {

constexpr std::size_t kMostFaults = 50;
constexpr int kDeepestNesting = 16;
constexpr std::size_t kMostFolded = std::size_t{1} << 24;  ///< elements of computed constants

using Scope = std::unordered_map<std::string, int>;

class NetworkReader {
 public:
  NetworkReader(const onnx::ModelProto& model, const ImportOptions& options,
                const KnownOperator& is_known, std::vector<std::string>& notes)
      : model_(model), is_known_(is_known), sizes_(options, notes) {
    for (const auto& opset : model.opset_import()) {
      versions_[opset.domain() == "ai.onnx" ? "" : opset.domain()] = opset.version();
    }
    for (const auto& function : model.functions()) {
      functions_[function.domain() + "." + function.name()] = &function;
    }
  }

  TensorNetwork read() {
    const onnx::GraphProto& graph = model_.graph();
    Scope scope;
    note_declared(graph);
    add_initializers(graph, scope);
    const std::unordered_set<std::string> parameters = parameter_inputs(graph);
    for (const onnx::ValueInfoProto& input : graph.input()) {
      add_input(input, parameters.contains(input.name()), scope);
    }
    sizes_.finish();
    walk(graph.node(), scope, 0);
    for (const onnx::ValueInfoProto& output : graph.output()) add_output(output.name(), scope);
    if (!faults_.empty()) throw InputError(std::move(faults_));
    network_.source =
        fmt::format("ONNX model of {} {}", model_.producer_name(), model_.producer_version());
    return std::move(network_);
  }

 private:
  /// Functions that call functions twice, and branches that see every name before them, make a file
  /// of kilobytes the work of years.
  void spend(std::size_t work) {
    constexpr std::size_t kMostWork = 500'000;
    work_ = work > kMostWork ? kMostWork + 1 : work_ + work;
    if (work_ > kMostWork) {
      throw InputError("its functions and branches are too large when they are spelled out");
    }
  }

  void fault(std::string message) {
    if (faults_.size() < kMostFaults) faults_.push_back({"", "", std::move(message)});
  }

  NetTensor& tensor(int id) { return network_.tensors[static_cast<std::size_t>(id)]; }

  int add_tensor(NetTensor added, onnx::TypeProto type) {
    added.element = element_name(type.tensor_type().elem_type());
    network_.tensors.push_back(std::move(added));
    types_.push_back(std::move(type));
    data_.emplace_back();
    return static_cast<int>(network_.tensors.size()) - 1;
  }

  static onnx::TypeProto type_of(const NetTensor& tensor, std::int32_t data_type) {
    onnx::TypeProto type;
    type.mutable_tensor_type()->set_elem_type(data_type);
    auto* shape = type.mutable_tensor_type()->mutable_shape();
    for (const std::int64_t extent : tensor.shape) shape->add_dim()->set_dim_value(extent);
    return type;
  }

  void add_initializers(const onnx::GraphProto& graph, Scope& scope) {
    for (const onnx::TensorProto& initializer : graph.initializer()) {
      NetTensor constant{initializer.name(), shape_of(initializer), true,
                         is_whole(initializer.data_type()), values_of(initializer)};
      const onnx::TypeProto type = type_of(constant, initializer.data_type());
      if (!scope.emplace(initializer.name(), add_tensor(std::move(constant), type)).second) {
        fault(fmt::format("initializer \"{}\" stands twice", initializer.name()));
      }
    }
    for (const onnx::SparseTensorProto& sparse : graph.sparse_initializer()) {
      fault(fmt::format("sparse initializer \"{}\"", sparse.values().name()));
    }
  }

  /// Shapes that the file states, for results whose shape depends on data.
  void note_declared(const onnx::GraphProto& graph) {
    for (const auto* list : {&graph.value_info(), &graph.output()}) {
      for (const onnx::ValueInfoProto& value : *list) declared_[value.name()] = &value.type();
    }
  }

  void add_input(const onnx::ValueInfoProto& input, bool is_parameter, Scope& scope) {
    if (scope.contains(input.name())) return;  // an initializer's default
    const onnx::TypeProto type = sizes_.close(input);
    NetTensor given{input.name(), {}, is_parameter, is_whole(type.tensor_type().elem_type()), {}};
    for (const auto& dim : type.tensor_type().shape().dim()) given.shape.push_back(dim.dim_value());
    const int id = add_tensor(std::move(given), type);
    scope[input.name()] = id;
    if (!is_parameter) network_.inputs.push_back(id);
  }

  void add_output(const std::string& name, const Scope& scope) {
    const auto found = scope.find(name);
    if (found == scope.end()) {
      fault(fmt::format("nothing makes the network's output \"{}\"", name));
    } else if (found->second >= 0) {
      network_.outputs.push_back(found->second);
    }
  }

  void walk(const google::protobuf::RepeatedPtrField<onnx::NodeProto>& nodes, Scope& scope,
            int depth) {
    if (depth > kDeepestNesting) throw InputError("graphs and functions are nested too deeply");
    if (depth > 0) spend(static_cast<std::size_t>(nodes.size()) + scope.size());
    std::unordered_set<std::string> known;
    for (const auto& [name, id] : scope) known.insert(name);
    for (const onnx::NodeProto* node : ordered_nodes(nodes, known)) read_node(*node, scope, depth);
  }

  std::int64_t version_of(const std::string& domain) const {
    const auto found = versions_.find(domain == "ai.onnx" ? "" : domain);
    return found == versions_.end() ? 1 : found->second;
  }

  /// Unknown tensors have -2: a fault was told of where they come from.
  static constexpr int kUnknown = -2;

  void read_node(const onnx::NodeProto& proto, Scope& scope, int depth) {
    NetNode node = net_node(proto);
    node.version = version_of(node.domain);
    bool unknown = false;
    bool constant = true;
    for (const std::string& name : proto.input()) {
      const int id = name.empty() ? -1 : scope.at(name);
      unknown = unknown || id == kUnknown;
      constant = constant && (id == -1 || (id >= 0 && tensor(id).constant));
      node.inputs.push_back(id);
    }
    if (unknown) {
      if (!is_known_(node) && node.op != "If") refuse(proto);
      return forget_outputs(proto, scope);
    }
    try {
      if (read_special(proto, node, constant, scope, depth)) return;
      if (!constant && !is_known_(node)) {
        refuse(proto);
        return forget_outputs(proto, scope);
      }
      compute(proto, node, constant, scope);
    } catch (const InputError& error) {
      for (const Diagnostic& each : error.diagnostics()) {
        fault(depth == 0 ? node_text(proto) + ": " + each.message : each.message);
      }
      forget_outputs(proto, scope);
    }
  }

  void refuse(const onnx::NodeProto& proto) {
    fault(node_text(proto) + ": this operator has no meaning here");
  }

  static void forget_outputs(const onnx::NodeProto& proto, Scope& scope) {
    for (const std::string& name : proto.output()) {
      if (!name.empty()) scope[name] = kUnknown;
    }
  }

  /// Constant, Shape, Size, If and functions; false: an ordinary operator.
  bool read_special(const onnx::NodeProto& proto, const NetNode& node, bool constant, Scope& scope,
                    int depth) {
    const auto function = functions_.find(proto.domain() + "." + proto.op_type());
    if (function != functions_.end()) {
      call(*function->second, proto, scope, depth);
      return true;
    }
    if (!node.domain.empty()) return false;
    if (node.op == "Constant") {
      std::int32_t data_type = 0;
      NetTensor made = constant_of(proto, data_type);
      made.name = proto.output(0);
      const onnx::TypeProto type = type_of(made, data_type);
      scope[proto.output(0)] = add_tensor(std::move(made), type);
      return true;
    }
    if ((node.op == "Shape" || node.op == "Size") && node.inputs.size() == 1) {
      scope[proto.output(0)] = add_sizes(proto, node);
      return true;
    }
    if (node.op == "If" && constant) return choose_branch(proto, node, scope, depth);
    return false;
  }

  int add_sizes(const onnx::NodeProto& proto, const NetNode& node) {
    const Shape& shape = tensor(node.inputs[0]).shape;
    ConstantValues values{{}, true};
    NetTensor made{proto.output(0), {}, true, true, {}};
    if (node.op == "Size") {
      values.numbers = {static_cast<long double>(elements(shape))};
    } else {
      const auto rank = static_cast<std::int64_t>(shape.size());
      const auto place = [&](std::int64_t at) {
        return std::clamp<std::int64_t>(at < 0 ? at + rank : at, 0, rank);
      };
      for (std::int64_t i = place(node.integer("start", 0)); i < place(node.integer("end", rank));
           ++i) {
        values.numbers.push_back(static_cast<long double>(shape[static_cast<std::size_t>(i)]));
      }
      made.shape = {static_cast<std::int64_t>(values.numbers.size())};
    }
    made.values = std::move(values);
    const onnx::TypeProto type = type_of(made, onnx::TensorProto::INT64);
    return add_tensor(std::move(made), type);
  }

  bool choose_branch(const onnx::NodeProto& proto, const NetNode& node, Scope& scope, int depth) {
    const auto& condition = tensor(node.inputs.at(0)).values;
    if (!condition || condition->numbers.empty()) return false;
    const char* name = condition->numbers.front() != 0 ? "then_branch" : "else_branch";
    const onnx::GraphProto* graph = graph_attribute(proto, name);
    if (graph == nullptr) throw InputError("has no branches");
    spend(scope.size());
    Scope inner = scope;
    add_initializers(*graph, inner);
    walk(graph->node(), inner, depth + 1);
    for (int i = 0; i < proto.output_size() && i < graph->output_size(); ++i) {
      const auto found = inner.find(graph->output(i).name());
      if (found == inner.end()) throw InputError("a branch does not make its output");
      scope[proto.output(i)] = found->second;
    }
    return true;
  }

  void call(const onnx::FunctionProto& function, const onnx::NodeProto& proto, Scope& scope,
            int depth) {
    Scope inner;
    for (int i = 0; i < function.input_size(); ++i) {
      const bool given = i < proto.input_size() && !proto.input(i).empty();
      inner[function.input(i)] = given ? scope.at(proto.input(i)) : -1;
    }
    spend(static_cast<std::size_t>(function.node_size()));
    google::protobuf::RepeatedPtrField<onnx::NodeProto> nodes = function.node();
    for (onnx::NodeProto& node : nodes) {
      spend(static_cast<std::size_t>(node.attribute_size()) *
            static_cast<std::size_t>(1 + proto.attribute_size()));
      set_references(proto, node);
    }
    walk(nodes, inner, depth + 1);
    for (int i = 0; i < proto.output_size() && i < function.output_size(); ++i) {
      const auto found = inner.find(function.output(i));
      if (found == inner.end()) throw InputError("the function does not make its output");
      scope[proto.output(i)] = found->second;
    }
  }

  /// Attributes of the call take the places that the function's nodes leave to them.
  static void set_references(const onnx::NodeProto& call, onnx::NodeProto& node) {
    google::protobuf::RepeatedPtrField<onnx::AttributeProto> attributes;
    for (const onnx::AttributeProto& attribute : node.attribute()) {
      if (attribute.ref_attr_name().empty()) *attributes.Add() = attribute;
      for (const onnx::AttributeProto& given : call.attribute()) {
        if (attribute.ref_attr_name().empty() || given.name() != attribute.ref_attr_name()) {
          continue;
        }
        onnx::AttributeProto* made = attributes.Add();
        *made = given;
        made->set_name(attribute.name());
      }
    }
    *node.mutable_attribute() = attributes;
    node.set_name(call.name() + "/" + node.name());
  }

  /// Data of a constant as shape inference reads it.
  const onnx::TensorProto* data_of(int id) {
    const NetTensor& held = tensor(id);
    if (!held.values) return nullptr;
    onnx::TensorProto& data = data_[static_cast<std::size_t>(id)];
    if (!data.has_data_type()) {
      data = tensor_proto(held, types_[static_cast<std::size_t>(id)].tensor_type().elem_type());
    }
    return &data;
  }

  std::vector<onnx::TypeProto> infer(const onnx::NodeProto& proto, const NetNode& node) {
    std::vector<InferenceInput> inputs;
    for (const int id : node.inputs) {
      inputs.push_back(id < 0 ? InferenceInput{}
                              : InferenceInput{&types_[static_cast<std::size_t>(id)], data_of(id)});
    }
    if (is_standard_operator(proto, node.version)) {
      return infer_outputs(proto, node.version, inputs);
    }
    // Operators of other domains that are known here keep the shape of their first input.
    const int first = node.inputs.empty() ? -1 : node.inputs[0];
    if (first < 0) throw InputError("this operator has no meaning here");
    return std::vector<onnx::TypeProto>(static_cast<std::size_t>(proto.output_size()),
                                        types_[static_cast<std::size_t>(first)]);
  }

  void compute(const onnx::NodeProto& proto, NetNode& node, bool constant, Scope& scope) {
    std::vector<onnx::TypeProto> types = infer(proto, node);
    if (node.op == "Einsum") state_einsum_shape(node, types);
    for (int i = 0; i < proto.output_size(); ++i) {
      if (proto.output(i).empty()) {
        node.outputs.push_back(-1);
        continue;
      }
      const int id = add_result(proto.output(i), types[static_cast<std::size_t>(i)], constant, i);
      scope[proto.output(i)] = id;
      node.outputs.push_back(id);
    }
    if (!constant) {
      network_.nodes.push_back(std::move(node));
    } else if (!node.outputs.empty() && node.outputs[0] >= 0) {
      NetTensor& result = tensor(node.outputs[0]);
      if (folded_ > kMostFolded) throw InputError("the network's computed constants are too large");
      result.values = fold_constant(node, network_.tensors, result.shape);
      if (result.values) folded_ += result.values->numbers.size();
      if (result.values) result.values->whole = result.whole;
      result.format = format_after(node, network_.tensors);
      result.computed = is_computed(node);
    }
  }

  /// Parameters that are moved, cut or quantized stay parameters; others are made by arithmetic.
  bool is_computed(const NetNode& node) {
    static const std::unordered_set<std::string> kKeeping{
        "Identity", "Cast",      "Reshape",        "Flatten",         "Transpose",
        "Squeeze",  "Unsqueeze", "Slice",          "Split",           "Gather",
        "Concat",   "Quant",     "IntQuant",       "BipolarQuant",    "FloatQuant",
        "Trunc",    "Clip",      "QuantizeLinear", "DequantizeLinear"};
    if (!kKeeping.contains(node.op) || node.inputs.empty()) return true;
    return node.inputs[0] >= 0 && tensor(node.inputs[0]).computed;
  }

  /// libonnx finds the rank alone.
  void state_einsum_shape(const NetNode& node, std::vector<onnx::TypeProto>& types) {
    std::vector<Shape> shapes;
    for (const int id : node.inputs) shapes.push_back(tensor(id).shape);
    const auto terms = einsum_terms(node.text("equation", ""), shapes.size());
    const auto shape = terms ? einsum_shape(*terms, shapes) : std::nullopt;
    if (!shape) return;
    NetTensor result{"", *shape, false, false, {}};
    types.at(0) = type_of(result, types[0].tensor_type().elem_type());
  }

  int add_result(const std::string& name, const onnx::TypeProto& type, bool constant, int index) {
    NetTensor made{name, {}, constant, is_whole(type.tensor_type().elem_type()), {}};
    bool known = type.tensor_type().has_shape();
    for (const auto& dim : type.tensor_type().shape().dim()) {
      known = known && dim.has_dim_value() && dim.dim_value() >= 0;
      made.shape.push_back(dim.dim_value());
    }
    const auto stated = declared_.find(name);
    if (!known && stated != declared_.end()) known = take_declared(*stated->second, made.shape);
    // Only the first result decides: masks and states may stay open where nothing reads them.
    if (!known && index == 0) throw InputError("the shape of its result depends on data");
    if (!known) return kUnknown;
    if (!checked_elements(made.shape)) throw InputError("its result is too large");
    const std::int32_t data_type = type.tensor_type().elem_type();
    const onnx::TypeProto whole = type_of(made, data_type);
    return add_tensor(std::move(made), whole);
  }

  static bool take_declared(const onnx::TypeProto& type, Shape& shape) {
    if (!type.tensor_type().has_shape()) return false;
    shape.clear();
    for (const auto& dim : type.tensor_type().shape().dim()) {
      if (!dim.has_dim_value() || dim.dim_value() < 0) return false;
      shape.push_back(dim.dim_value());
    }
    return true;
  }

  const onnx::ModelProto& model_;
  const KnownOperator& is_known_;
  OpenSizes sizes_;
  TensorNetwork network_;
  std::deque<onnx::TypeProto> types_;   ///< of each tensor
  std::deque<onnx::TensorProto> data_;  ///< of each tensor, made when first asked for
  std::unordered_map<std::string, std::int64_t> versions_;
  std::unordered_map<std::string, const onnx::FunctionProto*> functions_;
  std::unordered_map<std::string, const onnx::TypeProto*> declared_;
  std::vector<Diagnostic> faults_;
  std::size_t work_ = 0;  ///< see spend()
  std::size_t folded_ = 0;
};

}  // namespace

TensorNetwork read_network(const onnx::ModelProto& model, const ImportOptions& options,
                           const KnownOperator& is_known, std::vector<std::string>& notes) {
  return NetworkReader(model, options, is_known, notes).read();
}

}  // namespace mxsim
