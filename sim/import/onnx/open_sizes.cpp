#include "sim/import/onnx/open_sizes.h"

#include <fmt/format.h>

#include <algorithm>

#include "models/core/did_you_mean.h"
#include "models/workload/layer_kind.h"

namespace mxsim {

void OpenSizes::apply_shape(const std::string& input, const Shape& given,
                            onnx::TensorShapeProto& shape) {
  if (shape.dim_size() != 0 && static_cast<std::size_t>(shape.dim_size()) != given.size()) {
    faults_.push_back({"", "",
                       fmt::format("--shape {}={}: the input has {} axes", input, to_string(given),
                                   shape.dim_size())});
    return;
  }
  shape.clear_dim();
  for (const std::int64_t extent : given) shape.add_dim()->set_dim_value(extent);
}

void OpenSizes::close_axis(const std::string& input, int axis,
                           onnx::TensorShapeProto::Dimension& dim) {
  const std::string symbol = dim.has_dim_param() ? dim.dim_param() : "";
  if (!symbol.empty()) symbols_.push_back(symbol);
  const auto given = options_.dims.find(symbol);
  if (!symbol.empty() && given != options_.dims.end()) {
    dim.set_dim_value(given->second);
    return;
  }
  const bool open = !dim.has_dim_value() || dim.dim_value() == 0 || dim.dim_value() == -1;
  if (open && axis == 0) {
    dim.set_dim_value(1);
    notes_.push_back(fmt::format("input \"{}\": the open batch is 1", input));
  } else if (open) {
    faults_.push_back(
        {"", "",
         symbol.empty()
             ? fmt::format("input \"{}\": axis {} has no size: state --shape {}=...", input, axis,
                           input)
             : fmt::format("input \"{}\": axis {} has the open size \"{}\": state --dim {}=N",
                           input, axis, symbol, symbol)});
  } else if (dim.dim_value() < 0 || dim.dim_value() > kLargestExtent) {
    faults_.push_back({"", "",
                       fmt::format("input \"{}\": axis {} is {}, expected 1..{}", input, axis,
                                   dim.dim_value(), kLargestExtent)});
  }
}

onnx::TypeProto OpenSizes::close(const onnx::ValueInfoProto& input) {
  onnx::TypeProto type = input.type();
  inputs_.push_back(input.name());
  if (!type.has_tensor_type()) {
    faults_.push_back({"", "", fmt::format("input \"{}\" is no tensor", input.name())});
    return type;
  }
  auto& shape = *type.mutable_tensor_type()->mutable_shape();
  const auto given = options_.shapes.find(input.name());
  if (given != options_.shapes.end()) apply_shape(input.name(), given->second, shape);
  for (int axis = 0; axis < shape.dim_size(); ++axis) {
    close_axis(input.name(), axis, *shape.mutable_dim(axis));
  }
  return type;
}

void OpenSizes::finish() {
  for (const auto& [name, shape] : options_.shapes) {
    if (std::find(inputs_.begin(), inputs_.end(), name) != inputs_.end()) continue;
    faults_.push_back(
        {"", "", fmt::format("--shape: no input \"{}\"{}", name, did_you_mean(name, inputs_))});
  }
  for (const auto& [name, value] : options_.dims) {
    if (std::find(symbols_.begin(), symbols_.end(), name) != symbols_.end()) continue;
    faults_.push_back({"", "",
                       fmt::format("--dim: no input has an open size \"{}\"{}", name,
                                   did_you_mean(name, symbols_))});
  }
  if (!faults_.empty()) throw InputError(std::move(faults_));
}

}  // namespace mxsim
