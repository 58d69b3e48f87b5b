#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "models/core/error.h"
#include "sim/explore/space.h"

namespace mxsim {

/// What a worker is asked: to check points, also to estimate their time, to run one, or to try one,
/// which runs it unless a constraint forbids it.
struct PointRequest {
  enum class Ask : std::uint8_t { kCheck, kEstimate, kRun, kTry };
  Ask ask = Ask::kCheck;
  std::vector<Coordinates> points;  ///< kRun, kTry: one
  std::uint64_t number = 0;         ///< kRun, kTry: of the point in its sweep
  std::string sweep;                ///< kRun, kTry: hash of the sweep
};

/// What a check found of one point. With faults the rest means nothing.
struct PointCheck {
  std::vector<Diagnostic> faults;
  bool allowed = false;  ///< by the constraints
  std::string config_hash;
  double seconds = 0;              ///< kEstimate
  std::int64_t dram_bytes = 0;     ///< kEstimate: of the tensors
  std::int64_t dram_capacity = 0;  ///< kEstimate
};

/// What came of a run. kStopped: nothing, because a file could not be written; `text` says why.
struct PointOutcome {
  enum class State : std::uint8_t { kDone, kStopped };
  State state = State::kDone;
  std::string text;  ///< kDone: the point's line of results.jsonl
};

std::string pack(const PointRequest& request);
std::string pack(const std::vector<PointCheck>& checks);
std::string pack(const PointOutcome& outcome);

PointRequest unpack_request(const std::string& message);
std::vector<PointCheck> unpack_checks(const std::string& message);
PointOutcome unpack_outcome(const std::string& message);

}  // namespace mxsim
