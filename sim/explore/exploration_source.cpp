#include <fmt/format.h>

#include "sim/config/load.h"
#include "sim/explore/exploration.h"
#include "sim/explore/quality.h"
#include "sim/report/version.h"
#include "sim/run/run_once.h"

namespace mxsim {
namespace {

class Hash {
 public:
  void add(const std::string& text) { state_ = stable_hash(text + '\n', state_); }
  void add(double number) { add(fmt::format("{:.17g}", number)); }
  std::string text() const { return fmt::format("{:016x}", state_); }

 private:
  std::uint64_t state_ = stable_hash(version());
};

void add(Hash& hash, const SweepConfig& space) {
  for (const ConstraintConfig& each : space.constraints) {
    hash.add(each.quantity + choice_name(each.relation, kRelationNames).data() + each.other);
    hash.add(each.value.value_or(0));
    hash.add(each.factor);
    hash.add(each.tolerance);
  }
  for (const Objective each : space.objectives) hash.add(static_cast<double>(each));
  hash.add(text_of(space.quality));
}

/// All but what only ends the search or measures it: with other limits it goes on.
void add(Hash& hash, const SearchConfig& search) {
  hash.add(static_cast<double>(search.population));
  hash.add(static_cast<double>(search.seed));
  hash.add(search.crossover);
  hash.add(search.mutation);
}

void add(Hash& hash, const Space& space) {
  for (std::size_t axis = 0; axis < space.axes(); ++axis) {
    for (std::uint32_t value = 0; value < space.values(axis); ++value) {
      hash.add(settings_text(space.settings(axis, value)));
    }
  }
}

}  // namespace

ExploreSource load_exploration(const std::string& path) {
  const std::string file = find_input_file(path);
  const auto config = load_config<ExploreConfig>(file);
  ExploreSource source{{file, with_layer_axes(config, file)}, config.search, ""};
  const Space space(source.space.config, file);
  const auto base = load_config<RunConfig>(config.base, space.base_overrides());
  Hash hash;
  hash.add(config_hash(base));
  add(hash, source.space.config);
  add(hash, source.search);
  add(hash, space);
  source.hash = hash.text();
  return source;
}

}  // namespace mxsim
