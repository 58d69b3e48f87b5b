#include "models/workload/own_parameters.h"

#include <algorithm>

namespace mxsim {

std::vector<ParameterSpec> own_parameters(const ShapedLayer& layer) {
  if (layer.weights_of >= 0) return {};
  return layer.kind->parameters(layer);
}

std::string sharing_fault(const ShapedLayer& layer, const ShapedLayer& owner) {
  const auto same = [](const ParameterSpec& a, const ParameterSpec& b) {
    return a.name == b.name && a.use == b.use && a.rows == b.rows && a.cols == b.cols;
  };
  const std::vector<ParameterSpec> wanted = layer.kind->parameters(layer);
  const std::vector<ParameterSpec> held = owner.kind->parameters(owner);
  if (layer.kind != owner.kind) {
    return "layer \"" + owner.name + "\" is a " + std::string(owner.kind->op()) + ", not a " +
           std::string(layer.kind->op());
  }
  if (!std::equal(wanted.begin(), wanted.end(), held.begin(), held.end(), same)) {
    return "the parameters of layer \"" + owner.name + "\" have other sizes";
  }
  return "";
}

}  // namespace mxsim
