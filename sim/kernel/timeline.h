#pragma once

#include <string>
#include <vector>

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
    std::size_t label;  ///< index into labels()
  };

  /// Spans recorded from now on belong to this piece of work.
  void set_label(std::string label) { labels_.push_back(std::move(label)); }
  void record(Unit unit, Cycles begin, Cycles end) {
    spans_.push_back({unit, begin, end, labels_.size() - 1});
  }

  const std::vector<Span>& spans() const { return spans_; }
  const std::vector<std::string>& labels() const { return labels_; }

 private:
  std::vector<Span> spans_;
  std::vector<std::string> labels_{""};
};

}  // namespace mxsim
