#include "sim/config/format_config.h"

#include <algorithm>
#include <utility>

#include "models/formats/format_table.h"
#include "models/workload/format_rules.h"
#include "sim/config/choices.h"
#include "sim/config/pattern_check.h"
#include "sim/config/recipes.h"

namespace mxsim {
namespace {

constexpr const char* kAsOperand = "operand";

void bind_input(Binder& b, FormatPolicy& s) {
  const FormatSpec wide = parse_format("bf16");
  const bool named = s.input == InputForm::kNamed;
  std::string name = named ? s.input_format.name : wide.name;
  if (s.input == InputForm::kOperand) name = kAsOperand;
  b.text({"input", "",
          "what the network's inputs arrive in: a format (uint8: bytes of an image), or operand: "
          "quantized as the first layer multiplies them"},
         name);
  if (b.describing()) return;
  s.input = InputForm::kOperand;
  if (name == kAsOperand) return;
  try {
    s.input_format = parse_format(name);
    s.input = s.input_format == wide ? InputForm::kWide : InputForm::kNamed;
  } catch (const InputError& error) {
    b.fault("input", error.diagnostics().front().message + ", or operand");
  }
}

bool has_blocks(const FormatPolicy& s) {
  const auto scaled = [](const std::optional<FormatSpec>& format) {
    return format && is_block_scaled(*format);
  };
  return is_block_scaled(s.format) ||
         std::any_of(s.overrides.begin(), s.overrides.end(), [&](const FormatOverride& each) {
           return scaled(each.weights) || scaled(each.activations) || scaled(each.gradients);
         });
}

bool scales_tensors(const FormatPolicy& s) {
  const auto scales = [&](const std::optional<FormatSpec>& format) {
    if (!format) return false;
    const BlockShape block =
        format->fixed_block ? format->default_block : s.block.value_or(format->default_block);
    return scales_whole_tensor({*format, block});
  };
  return scales(s.format) ||
         std::any_of(s.overrides.begin(), s.overrides.end(), [&](const FormatOverride& each) {
           return scales(each.weights) || scales(each.activations) || scales(each.gradients);
         });
}

void check_tensor_scale(Binder& b, FormatPolicy& s) {
  if (b.describing() || s.tensor_scale == TensorScale::kDelayed || scales_tensors(s)) return;
  if (!b.outdated("tensor_scale", "default")) {
    b.fault("tensor_scale",
            "no format of the run has a scale of a whole tensor (" + s.format.name + ")");
  }
  s.tensor_scale = TensorScale::kDelayed;
}

/// Blocks and their orientations mean nothing to formats without a shared scale.
void check_blocks(Binder& b, FormatPolicy& s) {
  if (b.describing() || has_blocks(s)) return;
  const bool scaled_input = s.input == InputForm::kNamed && is_block_scaled(s.input_format);
  const std::string reason = s.format.name + " has no shared scale";
  if (s.block && !scaled_input) {
    if (!b.outdated("block", "default"))
      b.fault("block", "no format of the run has blocks: " + reason);
    s.block.reset();
  }
  if (s.transpose != TransposePolicy::kAuto) {
    if (!b.outdated("transpose", "default")) {
      b.fault("transpose", "one copy serves both orientations: " + reason);
    }
    s.transpose = TransposePolicy::kAuto;
  }
}

}  // namespace

void bind_format(Binder& b, const Key& key, std::optional<FormatSpec>& format) {
  std::string name = format ? format->name : "";
  b.text(key, name);
  if (name.empty() || b.describing()) return;
  try {
    format = parse_format(name);
  } catch (const InputError& error) {
    b.fault(key.name, error.diagnostics().front().message);
  }
}

void bind_passes(Binder& b, std::vector<Pass>& passes) {
  std::vector<std::string> names;
  for (const Pass pass : passes) names.emplace_back(to_string(pass));
  b.texts({"passes", "", "forward, backward_data, backward_weight; left out: all"}, names, {0, 3});
  passes.clear();
  for (const std::string& name : names) {
    const auto pass = std::find_if(kAllPasses.begin(), kAllPasses.end(),
                                   [&](Pass known) { return to_string(known) == name; });
    if (pass != kAllPasses.end() && *pass != Pass::kUpdate && *pass != Pass::kRecompute) {
      passes.push_back(*pass);
    } else {
      b.fault("passes", "got \"" + name + "\", expected forward, backward_data or backward_weight");
    }
  }
}

void bind(Binder& b, FormatOverride& s) {
  b.text(
      {"layers", "",
       "regular expression for whole layer names; or @first, @last: of the layers with GEMMs; or "
       "@op:KIND: all layers of that kind",
       Presence::kRequired},
      s.layers);
  bind_passes(b, s.passes);
  bind_format(b, {"weights", "", "format of weights"}, s.weights);
  bind_format(b, {"activations", "", "format of activations"}, s.activations);
  bind_format(b, {"gradients", "", "format of gradients to activations"}, s.gradients);
  check_pattern(b, "layers", s.layers);
}

namespace {

/// Keys that stand beside a recipe replace what it says; its overrides come last.
std::vector<FormatOverride> bind_recipe(Binder& b, FormatPolicy& s) {
  std::string name = s.recipe;
  b.text({"recipe", "", "formats of all roles by a name of the field (mxsim formats lists them)"},
         name);
  if (b.describing() || name == s.recipe) return {};
  try {
    s = with_recipe(s, name);
  } catch (const InputError& error) {
    b.fault("recipe", error.diagnostics().front().message);
  }
  return std::exchange(s.overrides, {});
}

}  // namespace

void bind(Binder& b, FormatPolicy& s) {
  std::vector<FormatOverride> of_recipe = bind_recipe(b, s);
  std::optional<FormatSpec> format = s.format;
  bind_format(b, {"default", "", "format of all GEMM operands"}, format);
  s.format = *format;
  std::vector<std::int64_t> block;
  if (s.block) block = {s.block->rows, s.block->cols};
  b.integers(
      {"block", "elements", "rows and columns that share a scale; left out: the format's own"},
      block, {1, 4096}, {2, 2});
  if (block.size() == 2) s.block = BlockShape{block[0], block[1]};
  b.choice(
      {"transpose", "",
       "second orientation of a quantized tensor in training: reuse the one copy (2-D tiles), "
       "quantize and store both (dual, tiles too), requantize the first in a pass of its own or "
       "whenever it is loaded along the other axis (requantize-on-load), quantize a BF16 copy "
       "at every load (bf16-copy); auto: reuse for 2-D tiles, dual for 1-D blocks"},
      s.transpose, kTransposePolicyNames);
  b.choice({"storage", "", "tensors that DRAM holds in the GEMM format; the others are BF16"},
           s.storage, kStoragePolicyNames);
  b.choice({"elementwise_reads", "",
            "copy of a tensor that elementwise layers read: wide: one in BF16 or wider; narrow: "
            "the GEMM's where DRAM has one, so that no wide copy is written beside it"},
           s.elementwise, kElementwiseReadsNames);
  b.choice(
      {"tensor_scale", "",
       "scale of a whole tensor (int8, nvfp4): delayed: known from earlier steps; current: from "
       "the tensor itself, whose largest value is searched as results come and which a pass of "
       "its own encodes"},
      s.tensor_scale, kTensorScaleNames);
  bind_input(b, s);
  b.list({"overrides", "", "formats of single layers; the first match decides"}, s.overrides);
  for (FormatOverride& each : of_recipe) s.overrides.push_back(std::move(each));
  check_blocks(b, s);
  check_tensor_scale(b, s);
}

}  // namespace mxsim
