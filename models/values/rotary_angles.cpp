#include "models/values/rotary_angles.h"

#include <cmath>
#include <vector>

namespace mxsim {
namespace {

std::vector<float> angles(std::int64_t tokens, std::int64_t width, double base) {
  std::vector<float> values(static_cast<std::size_t>(tokens * width));
  for (std::int64_t t = 0; t < tokens; ++t) {
    for (std::int64_t i = 0; i < width; i += 2) {
      const double angle = static_cast<double>(t) *
                           std::pow(base, -static_cast<double>(i) / static_cast<double>(width));
      const auto at = static_cast<std::size_t>(t * width + i);
      values[at] = static_cast<float>(std::cos(angle));
      values[at + 1] = static_cast<float>(std::sin(angle));
    }
  }
  return values;
}

}  // namespace

void give_rotary_angles(const ShapedGraph& graph, std::int64_t micro_batches,
                        StepExecutor& executor) {
  constexpr double kBase = 10000;
  for (const ShapedLayer& layer : graph.layers) {
    if (layer.kind->op() != "rotary") continue;
    const std::vector<float> values =
        angles(layer.input_shapes[0][1], layer.attributes.scalar("width"),
               layer.constants.value_or("base", kBase));
    for (std::int64_t part = 0; part < micro_batches; ++part) {
      const std::string name = micro_batch_name(layer.name + ".angles", part);
      if (executor.has(name)) executor.give(name, values);
    }
  }
}

std::string micro_batch_name(const std::string& value, std::int64_t micro_batch) {
  return micro_batch == 0 ? value : value + "#" + std::to_string(micro_batch);
}

}  // namespace mxsim
