#include "models/workload/format_rules.h"

#include <algorithm>
#include <utility>

#include "models/workload/layer_pattern.h"

namespace mxsim {
namespace {

BlockShape along(const BlockShape& block, ReductionAxis axis) {
  const std::int64_t length = std::max(block.rows, block.cols);
  return axis == ReductionAxis::kCols ? BlockShape{1, length} : BlockShape{length, 1};
}

DataLayout oriented(FormatSpec format, const BlockShape& block, ReductionAxis axis) {
  if (!is_block_scaled(format)) return {std::move(format), {1, 1}};
  if (is_tile(block)) {
    if (format.hadamard > 0) {
      throw InputError({{"", "/formats",
                         "format \"" + format.name +
                             "\": a Hadamard transform needs blocks of one row, not tiles"}});
    }
    return {std::move(format), block};
  }
  if (format.offsets) format.offsets->shape = along(format.offsets->shape, axis);
  return {std::move(format), along(block, axis)};
}

const std::optional<FormatSpec>& format_for(const FormatOverride& override, TensorRole role) {
  if (role == TensorRole::kWeight) return override.weights;
  return role == TensorRole::kGradient ? override.gradients : override.activations;
}

bool applies(const FormatOverride& override, Pass pass) {
  return override.passes.empty() || std::find(override.passes.begin(), override.passes.end(),
                                              like(pass)) != override.passes.end();
}

bool has_gemm(const ShapedLayer& layer) {
  const std::vector<std::int64_t> factors = layer.kind->mac_factors(layer);
  return std::find(factors.begin(), factors.end(), 0) == factors.end();
}

/// Of a selector of FormatOverride::layers. Throws InputError.
std::vector<std::size_t> matching_layers(const ShapedGraph& graph, const std::string& selector) {
  constexpr std::string_view kOfKind = "@op:";
  std::vector<std::size_t> matches;
  const auto collect = [&](const auto& matches_layer) {
    for (std::size_t l = 0; l < graph.layers.size(); ++l) {
      if (matches_layer(graph.layers[l])) matches.push_back(l);
    }
  };
  if (selector == "@first" || selector == "@last") {
    collect(has_gemm);
    if (matches.empty()) return matches;
    return {selector == "@first" ? matches.front() : matches.back()};
  }
  if (selector.starts_with(kOfKind)) {
    collect([&](const ShapedLayer& layer) {
      return layer.kind->op() == std::string_view(selector).substr(kOfKind.size());
    });
    return matches;
  }
  const LayerPattern pattern(selector);
  collect([&](const ShapedLayer& layer) { return pattern.matches(layer.name); });
  return matches;
}

}  // namespace

bool is_block_scaled(const FormatSpec& format) { return format.scale_bits > 0; }

bool is_tile(const BlockShape& block) { return block.rows > 1 && block.cols > 1; }

bool scales_whole_tensor(const DataLayout& layout) {
  const BlockShape& block = layout.block;
  const bool one_block = block.rows == kWholeAxis && block.cols == kWholeAxis;
  return layout.format.tensor_scale || (is_block_scaled(layout.format) && one_block);
}

Encoding encoding_to(const FormatSpec& format) {
  if (is_block_scaled(format) || format.tensor_scale) return Encoding::kQuantize;
  return format == FormatSpec{} ? Encoding::kNone : Encoding::kConvert;
}

FormatSpec code_format(int bits) {
  FormatSpec format;
  format.name = "code" + std::to_string(bits);
  format.element_bits = bits;
  return format;
}

FormatRules::FormatRules(const LoweringPolicy& policy, const ShapedGraph& graph)
    : policy_(policy), overrides_of_(graph.layers.size()) {
  match_layers(graph);
  for (const ShapedLayer& layer : graph.layers) {
    own_.push_back({layer.weight_format, layer.activation_format});
  }
}

void FormatRules::match_layers(const ShapedGraph& graph) {
  std::vector<Diagnostic> faults;
  for (std::size_t i = 0; i < policy().overrides.size(); ++i) {
    const FormatOverride& override = policy().overrides[i];
    const std::string pointer = "/formats/overrides/" + std::to_string(i) + "/layers";
    try {
      const std::vector<std::size_t> matches = matching_layers(graph, override.layers);
      for (const std::size_t l : matches) overrides_of_[l].push_back(i);
      if (matches.empty() && !override.may_match_none) {
        faults.push_back({"", pointer, "\"" + override.layers + "\" matches no layer"});
      }
    } catch (const InputError& error) {
      faults.push_back({"", pointer, error.diagnostics().front().message});
    }
  }
  if (!faults.empty()) throw InputError(std::move(faults));
}

const FormatSpec& FormatRules::format(std::int32_t layer, Pass pass, TensorRole role) const {
  for (const std::size_t index : overrides_of_.at(layer)) {
    const FormatOverride& override = policy().overrides[index];
    if (!applies(override, pass)) continue;
    const std::optional<FormatSpec>& format = format_for(override, role);
    return format ? *format : policy().format;
  }
  const LayerFormats& own = own_.at(layer);
  if (role == TensorRole::kWeight && own.weights) return *own.weights;
  if (role == TensorRole::kActivation && own.activations) return *own.activations;
  return policy().format;
}

DataLayout FormatRules::operand(std::int32_t layer, Pass pass, TensorRole role,
                                ReductionAxis axis) const {
  const FormatSpec& chosen = format(layer, pass, role);
  return oriented(chosen, block_of(chosen), axis);
}

BlockShape FormatRules::block_of(const FormatSpec& format) const {
  return format.fixed_block ? format.default_block : policy().block.value_or(format.default_block);
}

DataLayout FormatRules::stored(const DataLayout& operand, TensorRole role) const {
  const StoragePolicy storage = policy().storage;
  const bool keeps_wide =
      policy().transpose == TransposePolicy::kWideCopy && is_block_scaled(operand.format);
  const bool narrow_here =
      !keeps_wide &&
      (storage == StoragePolicy::kAll || storage == StoragePolicy::kOperands ||
       (storage == StoragePolicy::kWeightsActivations && role != TensorRole::kGradient));
  return narrow_here || at_least_wide(operand) ? operand : wide();
}

DataLayout FormatRules::input(const DataLayout& stored, ReductionAxis axis) const {
  if (policy().input == InputForm::kOperand) return stored;
  if (policy().input == InputForm::kWide) return wide();
  const FormatSpec& format = policy().input_format;
  return oriented(format, block_of(format), axis);
}

DataLayout FormatRules::state() const {
  const FormatSpec& format = policy_.training.state;
  return oriented(format, format.default_block, ReductionAxis::kCols);
}

bool FormatRules::at_least_wide(const DataLayout& layout) const {
  return !is_block_scaled(layout.format) && layout.format.element_bits >= policy_.wide.element_bits;
}

}  // namespace mxsim
