#include "sim/config/layer_format_config.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "models/formats/format_parser.h"
#include "models/workload/layer_pattern.h"
#include "models/workload/lower.h"
#include "sim/config/choices.h"
#include "sim/config/load.h"
#include "sim/config/run_config.h"
#include "sim/config/sweep_config.h"
#include "sim/json/strict_json.h"

namespace mxsim {
namespace {

using nlohmann::json;

constexpr const char* kOverrides = "/formats/overrides";
constexpr std::array<std::string_view, 3> kRoles{"weights", "activations", "gradients"};
constexpr std::array<Choice<RoleCoupling>, 2> kCouplingNames{
    {{"together", RoleCoupling::kTogether}, {"apart", RoleCoupling::kApart}}};

}  // namespace

void bind(Binder& b, LayerFormatConfig& s) {
  b.texts({"layers", "",
           "regular expressions for whole layer names, an axis for each; left out: an axis for "
           "each layer that has a GEMM"},
          s.layers, {0, 1000});
  b.texts({"formats", "", "the formats to choose from", Presence::kRequired}, s.formats, {1, 100});
  b.texts({"roles", "", "which tensors have it: weights, activations, gradients"}, s.roles, {1, 3});
  b.choice(
      {"coupling", "", "together: one format for all roles of a layer; apart: an axis for each"},
      s.coupling, kCouplingNames);
}

namespace {

/// Tells what `check` throws about `text` at `pointer`.
template <class Check>
void check_text(std::vector<Diagnostic>& faults, std::string pointer, Check check) {
  try {
    check();
  } catch (const InputError& error) {
    faults.push_back({"", std::move(pointer), error.diagnostics().front().message});
  }
}

}  // namespace

std::vector<Diagnostic> validate(const LayerFormatConfig& config) {
  std::vector<Diagnostic> faults;
  for (std::size_t i = 0; i < config.layers.size(); ++i) {
    check_text(faults, fmt::format("/layers/{}", i),
               [&] { const LayerPattern checked(config.layers[i]); });
  }
  for (std::size_t i = 0; i < config.formats.size(); ++i) {
    check_text(faults, fmt::format("/formats/{}", i), [&] { parse_format(config.formats[i]); });
  }
  for (std::size_t i = 0; i < config.roles.size(); ++i) {
    if (std::find(kRoles.begin(), kRoles.end(), config.roles[i]) != kRoles.end()) continue;
    faults.push_back(
        {"", fmt::format("/roles/{}", i),
         fmt::format("got \"{}\", expected one of {}", config.roles[i], fmt::join(kRoles, ", "))});
  }
  return faults;
}

namespace {

std::vector<Override> base_settings(const SweepConfig& sweep, const std::string& file) {
  std::vector<Override> overrides;
  for (const auto& [key, value] : sweep.set) {
    overrides.push_back({key, value, file, "/set/" + escape_pointer_token(key)});
  }
  return overrides;
}

std::vector<std::string> layers_with_gemm(const RunConfig& run) {
  std::vector<std::string> layers;
  for (const OpGroup& group : lower(run.workload, lowering_policy(run)).groups) {
    const bool known = std::find(layers.begin(), layers.end(), group.layer) != layers.end();
    if (!group.gemms.empty() && !known) layers.push_back(group.layer);
  }
  return layers;
}

/// Axes of one layer's override, the `index`-th of the list.
void add_axes(SweepConfig& sweep, const LayerFormatConfig& config, const std::string& pointer,
              std::size_t index) {
  std::vector<KeyAxisConfig> keys;
  for (const std::string& role : config.roles) {
    KeyAxisConfig& axis = keys.emplace_back();
    axis.key = fmt::format("{}/{}/{}", kOverrides, index, role);
    axis.place = pointer + "/formats";
    for (const std::string& format : config.formats) {
      axis.values.push_back(json(format).dump());
    }
  }
  if (config.coupling == RoleCoupling::kTogether) {
    sweep.axes.emplace_back().zip = keys;
    return;
  }
  for (KeyAxisConfig& key : keys) {
    static_cast<KeyAxisConfig&>(sweep.axes.emplace_back()) = std::move(key);
  }
}

}  // namespace

SweepConfig with_layer_axes(SweepConfig sweep, const std::string& file) {
  if (sweep.layer_formats.empty()) return sweep;
  const std::vector<Override> settings = base_settings(sweep, file);
  const Document document = Document::load(find_input_file(sweep.base));
  const RunConfig run = load_config<RunConfig>(document, settings);
  Document assembled = document;
  assembled.assemble({}, settings);
  const std::vector<LayerFormatConfig> layer_formats = std::move(sweep.layer_formats);
  sweep.layer_formats.clear();
  json overrides = json::array();
  for (std::size_t i = 0; i < layer_formats.size(); ++i) {
    std::vector<std::string> patterns = layer_formats[i].layers;
    if (patterns.empty()) {
      for (const std::string& name : layers_with_gemm(run))
        patterns.push_back(LayerPattern::quoted(name));
    }
    for (const std::string& pattern : patterns) {
      add_axes(sweep, layer_formats[i], fmt::format("/layer_formats/{}", i), overrides.size());
      overrides.push_back({{"layers", pattern}});
      sweep.overridden_layers.push_back(pattern);
    }
  }
  const json::json_pointer held(kOverrides);
  if (assembled.root().contains(held)) {
    for (const auto& each : assembled.root().at(held)) overrides.push_back(each);
  }
  std::erase_if(sweep.set, [](const auto& entry) { return entry.first.starts_with(kOverrides); });
  sweep.set[kOverrides] = overrides.dump();
  return sweep;
}

}  // namespace mxsim
