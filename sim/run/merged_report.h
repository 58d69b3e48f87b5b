#pragma once

#include <string>

#include "sim/run/run_report.h"

namespace mxsim {

/// Adds up reports of runs that one chip does one after another.
class MergedReport {
 public:
  /// `times` such runs, whose layers are told apart from others' by `phase`.
  void add(const RunReport& part, std::int64_t times, const std::string& phase);
  /// The sum: counts, cycles and energies added; memory and peak power of the part that needs most;
  /// the rest follows from these. Hashes and single groups are left out.
  RunReport finish(std::uint64_t seed);

 private:
  void add_layers(const RunReport& part, std::int64_t times, const std::string& phase);

  RunReport sum_;
  bool empty_ = true;
};

}  // namespace mxsim
