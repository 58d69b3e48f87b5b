#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "models/core/error.h"
#include "sim/config/axis_config.h"
#include "sim/config/binder.h"
#include "sim/config/choices.h"
#include "sim/config/layer_format_config.h"
#include "sim/config/quality_config.h"

namespace mxsim {

/// What a front may be chosen by; all of them are better when smaller.
enum class Objective : std::uint8_t {
  kCycles,
  kEnergy,
  kArea,
  kEdp,
  kDramBytes,
  kBops,
  kQuality,
  kLuts,
  kCount
};
inline constexpr std::size_t kObjectiveCount = static_cast<std::size_t>(Objective::kCount);

inline constexpr std::array<Choice<Objective>, kObjectiveCount> kObjectiveNames{
    {{"cycles", Objective::kCycles},
     {"energy", Objective::kEnergy},
     {"area", Objective::kArea},
     {"edp", Objective::kEdp},
     {"dram_bytes", Objective::kDramBytes},
     {"bops", Objective::kBops},
     {"quality", Objective::kQuality},
     {"luts", Objective::kLuts}}};

enum class Relation : std::uint8_t { kLess, kAtMost, kEqual, kAtLeast, kMore };
inline constexpr std::array<Choice<Relation>, 5> kRelationNames{{{"<", Relation::kLess},
                                                                 {"<=", Relation::kAtMost},
                                                                 {"=", Relation::kEqual},
                                                                 {">=", Relation::kAtLeast},
                                                                 {">", Relation::kMore}}};

/// Points that break it are left out. Compares `quantity` with `value`, or with `factor` times
/// another quantity.
struct ConstraintConfig {
  std::string quantity;
  Relation relation = Relation::kAtMost;
  std::optional<double> value;
  std::string other;
  double factor = 1;
  double tolerance = 0;
};

/// So many of the grid's points, drawn without repetition. 0: all of them.
struct SampleConfig {
  std::int64_t count = 0;
  std::uint64_t seed = 1;
};

/// A sweep file (configs/sweeps/): one run for every point of a space of settings.
struct SweepConfig {
  std::string description;
  std::string base;                        ///< path of the run file
  std::map<std::string, std::string> set;  ///< by pointer, JSON text
  std::vector<AxisConfig> axes;
  std::vector<LayerFormatConfig> layer_formats;  ///< more axes, see with_layer_axes()
  SampleConfig sample;
  std::vector<ConstraintConfig> constraints;
  QualityConfig quality;
  std::vector<Objective> objectives;
  /// Patterns of the layers that with_layer_axes() made overrides for, in their order.
  std::vector<std::string> overridden_layers;
};

inline constexpr std::int64_t kMostPoints = 1'000'000;

void bind(Binder& b, ConstraintConfig& s);
void bind(Binder& b, SampleConfig& s);
void bind(Binder& b, SweepConfig& s);
/// The keys of a sweep without `sample`.
void bind_space(Binder& b, SweepConfig& s);

/// Known keys, no key twice, values of every axis, names in constraints, and no more than
/// kMostPoints points.
std::vector<Diagnostic> validate(const SweepConfig& sweep);
/// Whether the key says what is computed: results that differ in it are not compared.
bool decides_work(const std::string& key);
/// The same for any number of points.
std::vector<Diagnostic> validate_space(const SweepConfig& sweep);

}  // namespace mxsim
