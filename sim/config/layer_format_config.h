#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "models/core/error.h"
#include "sim/config/binder.h"

namespace mxsim {

/// kTogether: all roles of a layer have one format. kApart: an axis for each.
enum class RoleCoupling : std::uint8_t { kTogether, kApart };

/// Gives single layers a format out of a list, through /formats/overrides of the run file.
struct LayerFormatConfig {
  std::vector<std::string> layers;  ///< regular expressions; empty: each layer that has a GEMM
  std::vector<std::string> formats;
  std::vector<std::string> roles{"weights", "activations"};
  RoleCoupling coupling = RoleCoupling::kTogether;
};

void bind(Binder& b, LayerFormatConfig& s);
/// Patterns, format names and roles.
std::vector<Diagnostic> validate(const LayerFormatConfig& config);

struct SweepConfig;

/// The sweep with an axis for each layer of `layer_formats`, which it no longer has. Those layers'
/// overrides stand before the run file's own. `file`: the sweep's. Throws InputError with the
/// faults of the run file, or when no layer has a GEMM.
SweepConfig with_layer_axes(SweepConfig sweep, const std::string& file);

}  // namespace mxsim
