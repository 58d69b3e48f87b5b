#include "sim/train/ptq_formats.h"

#include <utility>

#include "models/core/error.h"
#include "models/formats/format_parser.h"
#include "models/workload/layer_pattern.h"

namespace mxsim {
namespace {

constexpr const char* kEveryLayer = ".*";

/// Layers whose trace states the format of their weights keep it.
void add_own_weights(const std::vector<Layer>& layers, const std::string& prefix,
                     std::vector<FormatOverride>& overrides) {
  for (const Layer& layer : layers) {
    const auto own = layer.formats.find("weights");
    if (own == layer.formats.end()) continue;
    FormatOverride& override = overrides.emplace_back();
    override.layers = prefix + LayerPattern::quoted(layer.name);
    override.weights = parse_format(own->second);
  }
}

}  // namespace

RunConfig with_formats(RunConfig run, const FormatSpec& weights, const FormatSpec& activations) {
  FormatPolicy& formats = run.formats;
  formats.recipe.clear();
  formats.format = weights;
  formats.block.reset();
  formats.transpose = TransposePolicy::kAuto;
  FormatOverride all;
  all.layers = kEveryLayer;
  all.weights = weights;
  all.activations = activations;
  formats.overrides = {all};
  return run;
}

RunConfig in_bf16(RunConfig run) {
  const FormatSpec bf16 = parse_format("bf16");
  return with_formats(std::move(run), bf16, bf16);
}

RunConfig with_activations(RunConfig run, const FormatSpec& activations) {
  std::vector<FormatOverride>& overrides = run.formats.overrides;
  add_own_weights(run.workload.layers, "", overrides);
  for (const Block& block : run.workload.blocks) {
    add_own_weights(block.layers, LayerPattern::quoted(block.name) + "\\.[0-9]+\\.", overrides);
  }
  overrides.emplace_back().layers = kEveryLayer;
  for (FormatOverride& override : overrides) override.activations = activations;
  return run;
}

RunConfig with_wide_gradients(RunConfig run) {
  FormatOverride backward;
  backward.layers = kEveryLayer;
  backward.passes = {Pass::kBackwardData, Pass::kBackwardWeight};
  backward.weights = parse_format("bf16");
  backward.activations = backward.weights;
  backward.gradients = backward.weights;
  run.formats.overrides.insert(run.formats.overrides.begin(), std::move(backward));
  return run;
}

FormatSpec channel_integers(int bits) {
  return parse_format("int" + std::to_string(bits) + ",float32_t0");
}

void check_formats(const RunConfig& run, const std::string& file) {
  std::vector<Diagnostic> faults = validate(run);
  if (faults.empty()) return;
  for (Diagnostic& fault : faults) {
    if (fault.file.empty()) fault.file = file;
  }
  throw InputError(std::move(faults));
}

}  // namespace mxsim
