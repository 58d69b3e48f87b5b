#pragma once

#include <map>
#include <string>
#include <vector>

#include "sim/config/run_config.h"
#include "sim/config/sweep_config.h"
#include "sim/explore/space.h"

namespace mxsim {

/// The constraints of a sweep.
class ConstraintSet {
 public:
  /// `file`: where they stand.
  ConstraintSet(std::vector<ConstraintConfig> constraints, std::string file)
      : constraints_(std::move(constraints)), file_(std::move(file)) {}

  /// Those that need the settings alone. Throws InputError when a compared setting is no number.
  bool allow(const Settings& settings) const;
  /// The others too. `base` is the run without the axes.
  bool allow(const Settings& settings, const RunConfig& run, const RunConfig& base) const;
  bool need_base() const;
  bool need_run() const;

 private:
  template <class Value>
  bool holds(std::size_t index, Value value) const;

  std::vector<ConstraintConfig> constraints_;
  std::string file_;
};

}  // namespace mxsim
