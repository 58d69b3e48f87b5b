#pragma once

#include "models/mapping/plan/plan_policy.h"
#include "models/mapping/program/program.h"

namespace mxsim {

/// Where a sequencer takes the commands of a run from, piece by piece.
class CommandSource {
 public:
  virtual ~CommandSource() = default;
  virtual bool done() const = 0;
  virtual GroupOverlap overlap() const = 0;
  /// `finished_below`: all commands below are finished; the piece need not name them.
  virtual Program next(CommandId finished_below) = 0;
};

}  // namespace mxsim
