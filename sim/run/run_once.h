#pragma once

#include <functional>
#include <string>

#include "sim/config/run_config.h"
#include "sim/run/run_report.h"

namespace mxsim {

class OutputFile;

/// What a run may be asked for beside its configuration; none of it changes cycles or counts.
struct RunExtras {
  ResultBits bits = ResultBits::kSkipped;
  std::string operands;       ///< folder of VALUE.npy files for GEMM operands; "": all are drawn
  OutputFile* vcd = nullptr;  ///< gets the waveform of every PE's registers
  Timeline* timeline = nullptr;
  std::function<void(std::size_t finished, std::size_t total)> progress = nullptr;
};

/// Of the whole configuration and the work derived from it, 16 hex digits.
std::string config_hash(const RunConfig& config);

/// The run's planning policy with the prices of its chip.
PlanPolicy priced_policy(const RunConfig& config, const OpList& ops, const DramDevice& dram);

/// A run's work with groups packed for its chip.
OpList lowered_for_chip(const RunConfig& config, const DramDevice& dram);

/// The work of a run as it is done, and its policy with nothing left open.
struct PlannedWork {
  OpList ops;
  PlanPolicy policy;
  NetworkChoice choice;
  NetworkMapping mapping;
};
PlannedWork planned_work(const RunConfig& config, const DramDevice& dram);

/// Throws InputError when the run's work does not fit its chip: no tile of a layer, or not all
/// tensors. Of a request, its prefill and its longest step are looked at. Simulates nothing.
void check_placement(const RunConfig& config);

/// Lowers, plans and simulates one run. Throws InputError when the work does not fit the chip.
SimulationResult simulate_once(const RunConfig& config, const RunExtras& extras = {});

/// Prices what was simulated for this configuration, or for one that differs in prices alone.
RunReport price_once(const RunConfig& config, SimulationResult result);

/// Both; a request is run phase by phase (request_run.h).
RunReport run_once(const RunConfig& config, const RunExtras& extras = {});

}  // namespace mxsim
