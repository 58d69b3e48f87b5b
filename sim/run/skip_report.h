#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "models/core/units.h"
#include "models/workload/skip_connections.h"
#include "sim/config/run_config.h"
#include "sim/run/simulation.h"

namespace mxsim {

/// Where a tensor lies when its last addition reads it.
enum class HeldIn : std::uint8_t { kDram, kBuffer };

/// A stored tensor that waits for a residual addition of the forward pass: x or P(x), or F(x) where
/// the projection runs last.
struct HeldTensor {
  std::string tensor;
  std::string add;  ///< layer of the last addition that waits for it
  Bytes bytes{0};
  HeldIn place = HeldIn::kDram;
  std::int64_t groups = 0;  ///< from the one that makes it to the last that reads it for its skip
  Cycles cycles{0};         ///< from the beginning of the first to the end of the last of them
  Bytes dram_read{0};       ///< by the additions and projections, each reading it once
  Bytes dram_written{0};    ///< where nothing but these reads it
};

/// Residual additions of a step's forward pass and the memory that they hold.
struct SkipReport {
  SkipPolicy policy = SkipPolicy::kKeep;  ///< that most is done to one
  std::vector<SkipOutcome> outcomes;      ///< of the network's own additions; empty with kKeep
  std::size_t additions = 0;              ///< of the network as it runs
  std::vector<HeldTensor> held;           ///< in the order of groups
  Bytes peak{0};                          ///< most bytes held at the same time
  Bytes peak_in_buffer{0};
  Bytes peak_in_dram{0};
  Bytes dram_read{0};
  Bytes dram_written{0};
  Cycles longest{0};

  Bytes dram_bytes() const { return dram_read + dram_written; }
};

/// Of what was simulated for this configuration. Nothing for a request, and for a network without
/// residual additions that never had any.
std::optional<SkipReport> skip_report(const RunConfig& config, const SimulationResult& result);

/// What was changed and what was left, a sentence each; none with kKeep.
std::vector<std::string> skip_assumptions(SkipPolicy policy,
                                          const std::vector<SkipOutcome>& outcomes);

}  // namespace mxsim
