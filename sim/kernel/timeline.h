#pragma once

#include <array>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "models/core/stall_cause.h"
#include "models/core/unit.h"
#include "models/core/units.h"

namespace mxsim {

/// What every unit did when, for viewers. Recording changes nothing in the simulation.
class Timeline {
 public:
  struct Span {
    Unit unit;
    Cycles begin;
    Cycles end;
    std::size_t label;                ///< index into labels()
    std::optional<StallCause> stall;  ///< nothing: at work
    std::string what;                 ///< the command at work or held up, if there is one
  };

  /// Names the pieces of work that spans belong to.
  void set_labels(std::vector<std::string> labels) { labels_ = std::move(labels); }
  /// `waits` held the command up in its last cycles, DRAM last.
  void record(Unit unit, Cycles begin, const StallCycles& waits, Cycles end, std::size_t label,
              const std::string& what) {
    Cycles at = end - waits.total();
    spans_.push_back({unit, begin, at, label, std::nullopt, what});
    const auto wait = [&](StallCause cause) {
      if (waits[cause] == Cycles(0)) return;
      spans_.push_back({unit, at, at + waits[cause], label, cause, what});
      at += waits[cause];
    };
    for (std::size_t i = 0; i < kStallCauseCount; ++i) {
      if (static_cast<StallCause>(i) != StallCause::kDram) wait(static_cast<StallCause>(i));
    }
    wait(StallCause::kDram);
  }
  /// One span for each cause, in the order of the enumeration.
  void record_stall(Unit unit, Cycles begin, const StallCycles& parts, std::size_t label) {
    for (std::size_t i = 0; i < kStallCauseCount; ++i) {
      const auto cause = static_cast<StallCause>(i);
      if (parts[cause] == Cycles(0)) continue;
      record_stall(unit, begin, begin + parts[cause], cause, label);
      begin += parts[cause];
    }
  }

  const std::vector<Span>& spans() const { return spans_; }
  const std::vector<std::string>& labels() const { return labels_; }

 private:
  /// Continues the unit's last stall if cause and label are the same.
  void record_stall(Unit unit, Cycles begin, Cycles end, StallCause cause, std::size_t label) {
    std::size_t& last = last_stall_[static_cast<std::size_t>(unit)];
    const bool continues = last < spans_.size() && spans_[last].unit == unit &&
                           spans_[last].end == begin && spans_[last].stall == cause &&
                           spans_[last].label == label;
    if (continues) {
      spans_[last].end = end;
    } else {
      last = spans_.size();
      spans_.push_back({unit, begin, end, label, cause, ""});
    }
  }

  std::vector<Span> spans_;
  std::array<std::size_t, kUnitCount> last_stall_{};  ///< index into spans_
  std::vector<std::string> labels_;
};

}  // namespace mxsim
