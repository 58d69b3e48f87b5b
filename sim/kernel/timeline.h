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
    std::optional<StallCause> stall;  ///< what most of it was waited for; nothing: at work
    std::string what;                 ///< the command at work or held up, if there is one
  };

  /// Names the pieces of work that spans belong to.
  void set_labels(std::vector<std::string> labels) { labels_ = std::move(labels); }
  /// The buffers' ports held the command up for its last cycles, from `held_up` on.
  void record(Unit unit, Cycles begin, Cycles held_up, Cycles end, std::size_t label,
              std::string what) {
    spans_.push_back({unit, begin, held_up, label, std::nullopt, what});
    if (held_up == end) return;
    spans_.push_back({unit, held_up, end, label, StallCause::kBankConflict, std::move(what)});
  }
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

  const std::vector<Span>& spans() const { return spans_; }
  const std::vector<std::string>& labels() const { return labels_; }

 private:
  std::vector<Span> spans_;
  std::array<std::size_t, kUnitCount> last_stall_{};  ///< index into spans_
  std::vector<std::string> labels_;
};

}  // namespace mxsim
