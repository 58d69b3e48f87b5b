#include "sim/config/format_config.h"

#include <algorithm>
#include <regex>

#include "models/formats/format_table.h"
#include "sim/config/choices.h"

namespace mxsim {
namespace {

/// Binds the name; an empty one leaves `format` empty.
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

}  // namespace

void bind_passes(Binder& b, std::vector<Pass>& passes) {
  std::vector<std::string> names;
  for (const Pass pass : passes) names.emplace_back(to_string(pass));
  b.texts({"passes", "", "forward, backward_data, backward_weight; left out: all"}, names, {0, 3});
  passes.clear();
  for (const std::string& name : names) {
    const auto pass = std::find_if(kAllPasses.begin(), kAllPasses.end(),
                                   [&](Pass known) { return to_string(known) == name; });
    if (pass != kAllPasses.end() && *pass != Pass::kUpdate) {
      passes.push_back(*pass);
    } else {
      b.fault("passes", "got \"" + name + "\", expected forward, backward_data or backward_weight");
    }
  }
}

void bind(Binder& b, FormatOverride& s) {
  b.text({"layers", "", "regular expression for whole layer names", Presence::kRequired}, s.layers);
  bind_passes(b, s.passes);
  bind_format(b, {"weights", "", "format of weights"}, s.weights);
  bind_format(b, {"activations", "", "format of activations"}, s.activations);
  bind_format(b, {"gradients", "", "format of gradients to activations"}, s.gradients);
  try {
    const std::regex checked(s.layers);
  } catch (const std::regex_error&) {
    b.fault("layers", "got \"" + s.layers + "\", expected a regular expression");
  }
}

void bind(Binder& b, FormatPolicy& s) {
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
       "quantize and "
       "store both (dual), requantize the first; auto: reuse for 2-D tiles, dual for 1-D blocks"},
      s.transpose, kTransposePolicyNames);
  b.choice({"storage", "", "tensors that DRAM holds in the GEMM format; the others are BF16"},
           s.storage, kStoragePolicyNames);
  b.list({"overrides", "", "formats of single layers; the first match decides"}, s.overrides);
}

}  // namespace mxsim
