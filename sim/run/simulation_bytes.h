#pragma once

#include <string>

#include "sim/run/simulation.h"

namespace mxsim {

/// A result on its way from one process to another of the same program.
std::string simulation_bytes(const SimulationResult& result);
SimulationResult simulation_of(const std::string& bytes);

}  // namespace mxsim
