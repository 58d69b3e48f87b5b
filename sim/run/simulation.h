#pragma once

#include <array>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "models/core/unit_activity.h"
#include "models/dram/dram_device.h"
#include "models/mapping/memory/memory_use.h"
#include "models/mapping/network_choice.h"
#include "models/mapping/plan/gemm_mapping.h"
#include "models/mapping/prediction/run_prediction.h"
#include "models/workload/op_list.h"
#include "sim/chip/chip.h"
#include "sim/config/chip_config.h"
#include "sim/kernel/timeline.h"

namespace mxsim {

class OutputFile;

/// Whether the results of the GEMMs are computed (always so in fidelity `pe`) or only timed and
/// counted.
enum class ResultBits : std::uint8_t { kSkipped, kComputed };

/// One simulation, ready to run. What is referred to outlives it.
struct SimulationRequest {
  const OpList& ops;
  const ChipConfig& chip;
  const DramDevice& dram;
  Fidelity fidelity = Fidelity::kTile;
  ResultBits bits = ResultBits::kSkipped;
  std::uint64_t seed = 1;
  PlanPolicy policy = {};
  const NetworkMapping* mapping = nullptr;  ///< of the work; null: it is searched
  /// Operand values by value name (operand_data.h) instead of drawn ones.
  std::map<std::string, std::vector<float>> operands = {};
  Timeline* timeline = nullptr;
  OutputFile* vcd = nullptr;  ///< gets the waveform of every PE's registers (fidelity `pe`)
  BuildOrder build_order = BuildOrder::kForward;
  const StallSource* stalls = nullptr;
  /// Builds a memory to use instead of one built from `dram`, which still says how fast and large
  /// it is to the mapper and what its events cost.
  std::function<std::unique_ptr<DramModel>()> memory = nullptr;
  /// Called with the number of finished groups; may throw to stop.
  std::function<void(std::size_t finished, std::size_t total)> progress = nullptr;
};

/// What was counted.
struct SimulationResult {
  Cycles cycles{0};
  std::vector<GroupResult> groups;  ///< as OpList::groups
  UnitCounts counts;
  std::array<UnitActivity, kUnitCount> activity{};
  std::vector<OutputHash> output_hashes;
  MemoryUse memory;
  std::vector<Resident> residents;  ///< tensors that were kept on the chip
  NetworkChoice choice;             ///< by which the work was cut and kept
  /// Of every GEMM of every group.
  std::vector<std::vector<GemmMapping>> mappings;
  DramStats dram;
  RunPrediction predicted;  ///< of the same plan on an ideal memory; without single commands
};

/// Plans and runs the work. Throws InputError when it does not fit the chip, or a waveform is asked
/// for of fidelity `tile` or more than kMostTracedPes PEs.
SimulationResult simulate(const SimulationRequest& request);

}  // namespace mxsim
