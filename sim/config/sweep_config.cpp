#include "sim/config/sweep_config.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <set>

#include "models/core/did_you_mean.h"
#include "sim/config/derived_quantity.h"
#include "sim/config/key_pattern.h"
#include "sim/config/load.h"
#include "sim/config/run_config.h"
#include "sim/config/run_formats.h"
#include "sim/json/strict_json.h"

namespace mxsim {
namespace {

constexpr Presence kRequired = Presence::kRequired;

void bind_objectives(Binder& b, std::vector<Objective>& objectives) {
  std::vector<std::string> names;
  for (const Objective each : objectives) names.emplace_back(choice_name(each, kObjectiveNames));
  b.texts({"objectives", "",
           "what the front is chosen by: cycles, energy, area, edp, dram_bytes, bops (MACs times "
           "the bits of both operands' elements), quality (noise, or the error of "
           "measured accuracy, see quality), luts (of the array on an FPGA); left out: cycles, "
           "energy and area"},
          names, {0, kObjectiveCount});
  if (b.describing()) return;
  objectives.clear();
  for (const std::string& name : names) {
    try {
      objectives.push_back(parse_choice(name, kObjectiveNames, ""));
    } catch (const InputError& error) {
      b.fault("objectives", error.diagnostics().front().message);
    }
  }
  if (names.empty()) objectives = {Objective::kCycles, Objective::kEnergy, Objective::kArea};
}

}  // namespace

void bind(Binder& b, ConstraintConfig& s) {
  b.text({"quantity", "",
          "key of an axis, or pes, sram_bytes, array_mm2, sram_mm2, area_mm2, dram_bytes_per_s; "
          "after \"base:\" that of the run file without the axes",
          kRequired},
         s.quantity);
  b.choice({"is", "", "how the quantity compares", kRequired}, s.relation, kRelationNames);
  double value = s.value.value_or(std::numeric_limits<double>::quiet_NaN());
  if (b.describing()) value = 0;
  b.number({"value", "", "with this number"}, value, {});
  if (!b.describing() && value == value) s.value = value;
  b.text({"other", "", "or with this quantity"}, s.other);
  b.number({"factor", "", "times this"}, s.factor, {});
  b.number({"tolerance", "ratio", "how far off, relative, still counts as equal"}, s.tolerance,
           {0, 1});
}

void bind(Binder& b, SampleConfig& s) {
  b.integer({"count", "", "points to draw from the grid, none twice; 0: take all"}, s.count,
            {0, kMostPoints});
  b.integer({"seed", "", "seed of the draw"}, s.seed);
}

namespace {

void bind_axes(Binder& b, SweepConfig& s) {
  b.text({"description", "", "what the study is for"}, s.description);
  b.file({"base", "", "run file", kRequired}, s.base);
  b.named_values({"set", "", "keys of the run file to replace in all points, by JSON pointer"},
                 s.set);
  b.list({"layer_formats", "", "formats of single layers, each layer an axis after `axes`"},
         s.layer_formats, {0, 16});
  const bool alone = s.layer_formats.empty() && !b.describing();
  b.list({"axes", "", "the grid is every combination of their values; the last changes fastest",
          alone ? kRequired : Presence::kOptional},
         s.axes, {alone ? 1 : 0, 64});
}

/// The formats that the base or the sweep itself defines; none while either has faults, which are
/// told elsewhere.
std::map<std::string, FormatSpec> formats_of_base(const SweepConfig& s) {
  try {
    std::vector<Override> settings;
    for (const auto& [key, value] : s.set) settings.push_back({key, value});
    return formats_defined_by(s.base, settings);
  } catch (const InputError&) {
    return {};
  }
}

void bind_results(Binder& b, SweepConfig& s) {
  const DefinedFormats scope(b.describing() ? std::map<std::string, FormatSpec>()
                                            : formats_of_base(s));
  b.list({"constraints", "", "points that break one are left out"}, s.constraints, {0, 100});
  b.section(
      {"quality", "",
       "the accuracy that a choice of formats costs: measured, or a noise that stands for it"},
      s.quality);
  bind_objectives(b, s.objectives);
}

}  // namespace

void bind_space(Binder& b, SweepConfig& s) {
  bind_axes(b, s);
  bind_results(b, s);
}

void bind(Binder& b, SweepConfig& s) {
  bind_axes(b, s);
  b.section({"sample", "", "a random part of the grid"}, s.sample);
  bind_results(b, s);
}

namespace {

/// kNone: a search visits but some of the points.
enum class PointLimit : std::uint8_t { kNone, kMost };

class Checker {
 public:
  Checker(const SweepConfig& sweep, PointLimit limit) : sweep_(sweep), limit_(limit) {}

  std::vector<Diagnostic> run() {
    const DefinedFormats scope(formats_of_base(sweep_));
    for (const auto& [key, value] : sweep_.set) {
      check_key("/set/" + escape_pointer_token(key), key);
    }
    for (std::size_t i = 0; i < sweep_.axes.size(); ++i) check_axis(i);
    for (std::size_t i = 0; i < sweep_.constraints.size(); ++i) check_constraint(i);
    for (std::size_t i = 0; i < sweep_.layer_formats.size(); ++i) {
      const std::string pointer = fmt::format("/layer_formats/{}", i);
      for (Diagnostic& found : below(pointer, validate(sweep_.layer_formats[i]))) {
        faults_.push_back(std::move(found));
      }
    }
    check_objectives();
    if (faults_.empty()) check_points();
    return std::move(faults_);
  }

 private:
  void fault(std::string pointer, std::string message) {
    faults_.push_back({"", std::move(pointer), std::move(message)});
  }

  void check_key(const std::string& pointer, const std::string& key) {
    if (!is_declared(key, fields_)) fault(pointer, unknown_key_text(key, fields_));
  }

  void check_axis_key(const std::string& pointer, const std::string& key) {
    if (key.empty()) return;
    check_key(pointer, key);
    if (!keys_.insert(key).second) fault(pointer, fmt::format("\"{}\" stands twice", key));
  }

  void check_axis(std::size_t index) {
    const AxisConfig& axis = sweep_.axes[index];
    const std::string pointer = fmt::format("/axes/{}", index);
    for (Diagnostic& found : below(pointer, validate(axis))) faults_.push_back(std::move(found));
    check_axis_key(pointer + "/key", axis.key);
    for (std::size_t i = 0; i < axis.zip.size(); ++i) {
      check_axis_key(fmt::format("{}/zip/{}/key", pointer, i), axis.zip[i].key);
    }
  }

  void check_quantity(const std::string& pointer, const std::string& name) {
    if (name.starts_with('/') && keys_.contains(name)) return;
    if (find_quantity(name) != nullptr) return;
    std::vector<std::string> known(keys_.begin(), keys_.end());
    for (const DerivedQuantity& each : derived_quantities()) known.emplace_back(each.name);
    fault(pointer, fmt::format("got \"{}\", expected one of {}{}", name, fmt::join(known, ", "),
                               did_you_mean(name, known)));
  }

  void check_constraint(std::size_t index) {
    const ConstraintConfig& constraint = sweep_.constraints[index];
    const std::string pointer = fmt::format("/constraints/{}", index);
    check_quantity(pointer + "/quantity", constraint.quantity);
    if (!constraint.other.empty()) check_quantity(pointer + "/other", constraint.other);
    if (constraint.value.has_value() == !constraint.other.empty()) {
      fault(pointer, "expected one of value and other");
    }
  }

  void check_objectives() {
    const auto& objectives = sweep_.objectives;
    const bool asked =
        std::find(objectives.begin(), objectives.end(), Objective::kQuality) != objectives.end();
    if (asked && sweep_.quality.layers.empty() && sweep_.quality.weights.empty()) {
      fault("/objectives",
            "quality needs the noises of layers in /quality/layers, or /quality/weights and "
            "/quality/data");
    }
  }

  void check_points() {
    std::uint64_t points = 1;
    bool overflow = false;
    constexpr auto kMost = static_cast<std::uint64_t>(kMostPoints);
    for (std::size_t i = 0; i < sweep_.axes.size(); ++i) {
      const std::uint64_t size = axis_size(sweep_.axes[i]);
      overflow = __builtin_mul_overflow(points, size, &points) || overflow;
      if (size <= kMost) continue;
      return fault(fmt::format("/axes/{}", i),
                   fmt::format("{} values, expected at most {}", size, kMost));
    }
    if (limit_ == PointLimit::kNone) return;
    const auto wanted = static_cast<std::uint64_t>(sweep_.sample.count);
    const std::string count = overflow ? "more than 2^64" : std::to_string(points);
    if (wanted == 0 && (overflow || points > kMost)) {
      fault("/axes", fmt::format("{} points, expected at most {} (a sample can be drawn from more)",
                                 count, kMost));
    } else if (wanted > 0 && overflow) {
      fault("/axes", fmt::format("{} points, expected fewer to draw from", count));
    } else if (wanted > points) {
      fault("/sample/count", fmt::format("got {}, the grid has {} points", wanted, count));
    }
  }

  const SweepConfig& sweep_;
  PointLimit limit_;
  std::vector<Field> fields_ = describe_fields<RunConfig>();
  std::set<std::string> keys_;
  std::vector<Diagnostic> faults_;
};

}  // namespace

std::vector<Diagnostic> validate(const SweepConfig& sweep) {
  return Checker(sweep, PointLimit::kMost).run();
}

bool decides_work(const std::string& key) {
  return key == "/mode" || key == "/batch" || key == "/skip" || key == "/workload" ||
         key.starts_with("/workload/");
}

std::vector<Diagnostic> validate_space(const SweepConfig& sweep) {
  return Checker(sweep, PointLimit::kNone).run();
}

}  // namespace mxsim
