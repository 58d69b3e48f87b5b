#pragma once

#include <vector>

#include "models/mapping/chip/chip_around.h"
#include "models/mapping/prediction/ideal_memory.h"
#include "models/mapping/program/run_plan.h"

namespace mxsim {

/// When a command begins, and the cycle in which it finishes.
struct PredictedCommand {
  Unit unit = Unit::kDmaRead;
  std::uint32_t group = 0;
  Cycles begin{-1};
  Cycles end{-1};
};

/// What a plan takes when DRAM is ideal.
struct RunPrediction {
  Cycles cycles{0};
  /// A group's turn ends when its commands and those of all groups before are finished, or when a
  /// later group's own work begins: on the array, or, for a group without GEMM, on the vector or
  /// re-quantization unit. The turns add up to the cycles.
  std::vector<Cycles> groups;
  std::vector<PredictedCommand> commands;  ///< by id
};

/// The cycles of a run on an ideal memory of the device's bandwidth (ideal_memory.h), from the
/// commands and these rules alone:
///
/// - A unit begins its commands in order, the next when everything it comes after finished in an
///   earlier cycle and fewer than the unit's capacity are in flight. The capacity of the DMA's
///   directions is DmaSpec::outstanding, of the array kMostChained for tiles that it chains
///   (command_chain.h), else, and of the other units, 1.
/// - A transfer asks the memory `setup_cycles` after its beginning and finishes when the DMA's
///   path, which carries one at a time, and the memory are done, not before its predecessor.
/// - Units that use an interleaved buffer share its ports as chip_ports.h says.
/// - The next group's commands are handed out as hand_out.h says, and reach their units one after
///   another, SequencerSpec::issue_cycles apart.
RunPrediction predict_run(const RunPlan& plan, const ChipAround& around,
                          MemoryDetail detail = MemoryDetail::kBuses);

}  // namespace mxsim
