#pragma once

#include <string>
#include <utility>
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

  /// Names the pieces of work that spans belong to.
  void set_labels(std::vector<std::string> labels) { labels_ = std::move(labels); }
  void record(Unit unit, Cycles begin, Cycles end, std::size_t label) {
    spans_.push_back({unit, begin, end, label});
  }

  const std::vector<Span>& spans() const { return spans_; }
  const std::vector<std::string>& labels() const { return labels_; }

 private:
  std::vector<Span> spans_;
  std::vector<std::string> labels_;
};

}  // namespace mxsim
