#include "sim/import/onnx/node_attributes.h"

#include "models/core/error.h"
#include "sim/import/onnx/tensor_proto.h"

namespace mxsim {
namespace {

using onnx::AttributeProto;
using onnx::TensorProto;

template <class Field>
ConstantValues listed(const Field& field, bool whole) {
  ConstantValues values;
  values.whole = whole;
  for (const auto value : field) values.numbers.push_back(static_cast<long double>(value));
  return values;
}

void fill(NetTensor& tensor, ConstantValues values, bool is_list) {
  if (is_list) tensor.shape = {static_cast<std::int64_t>(values.numbers.size())};
  tensor.values = std::move(values);
}

}  // namespace

NetNode net_node(const onnx::NodeProto& node) {
  NetNode result;
  result.op = node.op_type();
  result.domain = node.domain() == "ai.onnx" ? "" : node.domain();
  result.name = node.name().empty() && node.output_size() > 0 ? node.output(0) : node.name();
  for (const AttributeProto& attribute : node.attribute()) {
    const std::string& key = attribute.name();
    switch (attribute.type()) {
      case AttributeProto::INT:
        result.integers[key] = {attribute.i()};
        break;
      case AttributeProto::INTS:
        result.integers[key].assign(attribute.ints().begin(), attribute.ints().end());
        break;
      case AttributeProto::FLOAT:
        result.numbers[key] = attribute.f();
        break;
      case AttributeProto::STRING:
        result.texts[key] = attribute.s();
        break;
      case AttributeProto::STRINGS:
        for (const std::string& text : attribute.strings()) {
          std::string& all = result.texts[key];
          all += (all.empty() ? "" : ",") + text;
        }
        break;
      case AttributeProto::TENSOR:
        if (const auto values = values_of(attribute.t()); values && !values->numbers.empty()) {
          result.numbers[key] = static_cast<double>(values->numbers.front());
        }
        break;
      default:
        break;
    }
  }
  return result;
}

const onnx::GraphProto* graph_attribute(const onnx::NodeProto& node, const std::string& name) {
  for (const AttributeProto& attribute : node.attribute()) {
    if (attribute.name() == name && attribute.has_g()) return &attribute.g();
  }
  return nullptr;
}

NetTensor constant_of(const onnx::NodeProto& node, std::int32_t& data_type) {
  NetTensor tensor;
  tensor.constant = true;
  data_type = TensorProto::FLOAT;
  for (const AttributeProto& attribute : node.attribute()) {
    const std::string& key = attribute.name();
    if (key == "value" && attribute.has_t()) {
      data_type = attribute.t().data_type();
      tensor.shape = shape_of(attribute.t());
      tensor.values = values_of(attribute.t());
    } else if (key == "value_int") {
      data_type = TensorProto::INT64;
      fill(tensor, {{static_cast<long double>(attribute.i())}, true}, false);
    } else if (key == "value_ints") {
      data_type = TensorProto::INT64;
      fill(tensor, listed(attribute.ints(), true), true);
    } else if (key == "value_float") {
      fill(tensor, {{static_cast<long double>(attribute.f())}, false}, false);
    } else if (key == "value_floats") {
      fill(tensor, listed(attribute.floats(), false), true);
    } else {
      throw InputError("a constant of texts or a sparse tensor");
    }
  }
  tensor.whole = is_whole(data_type);
  return tensor;
}

}  // namespace mxsim
