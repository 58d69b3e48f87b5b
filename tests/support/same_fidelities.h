#pragma once

#include <gtest/gtest.h>

#include "sim/run/simulation.h"

namespace mxsim::testing {

inline void expect_same(const SimulationResult& pe, const SimulationResult& tile) {
  EXPECT_EQ(pe.cycles, tile.cycles);
  EXPECT_EQ(pe.counts, tile.counts);
  EXPECT_EQ(pe.activity, tile.activity);
  EXPECT_EQ(pe.output_hashes, tile.output_hashes);
}

/// Runs the request with computed bits in both fidelities of the array, which agree; returns one.
inline SimulationResult expect_same_fidelities(SimulationRequest request) {
  request.bits = ResultBits::kComputed;
  request.fidelity = Fidelity::kTile;
  SimulationResult tile = simulate(request);
  request.fidelity = Fidelity::kPe;
  expect_same(simulate(request), tile);
  return tile;
}

}  // namespace mxsim::testing
