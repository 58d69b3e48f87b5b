#pragma once

#include <array>
#include <memory>
#include <systemc>

#include "models/dram/dram_device.h"
#include "models/mapping/program/run_plan.h"
#include "sim/array/array_unit.h"
#include "sim/control/array_driver.h"
#include "sim/control/sequencer.h"
#include "sim/dma/dma_engine.h"
#include "sim/dram/dram_controller.h"
#include "sim/dram/stalled_port.h"
#include "sim/memory/sram_buffer.h"
#include "sim/requant/requant_unit.h"
#include "sim/vector/vector_unit.h"

namespace mxsim {

/// What a chip is built from; outlives it.
struct ChipBlueprint {
  std::int64_t clock_hz = 1;
  Fidelity fidelity = Fidelity::kTile;
  DmaSpec dma;
  RequantSpec requant;
  DramDevice dram;
  FrfcfsSpec dram_scheduler;
  DramModel* memory = nullptr;  ///< stands in for one that is built from `dram`
};

/// The units of a chip.
enum class ChipPart : std::uint8_t { kArray, kVector, kRequant, kDmaRead, kDmaWrite };

/// The order in which units are constructed; results do not depend on it.
using BuildOrder = std::array<ChipPart, 5>;
inline constexpr BuildOrder kBuildOrder{ChipPart::kArray, ChipPart::kVector, ChipPart::kRequant,
                                        ChipPart::kDmaRead, ChipPart::kDmaWrite};
inline constexpr BuildOrder kReversedOrder{kBuildOrder.rbegin()[0], kBuildOrder.rbegin()[1],
                                           kBuildOrder.rbegin()[2], kBuildOrder.rbegin()[3],
                                           kBuildOrder.rbegin()[4]};

/// Wiring only: sequencer, units, buffers and memory of one accelerator that runs one plan.
class Chip : public sc_core::sc_module {
 public:
  /// `data`, `timeline` and `stalls` may be null. `finished` is called after each group.
  Chip(const sc_core::sc_module_name& name, const ChipBlueprint& blueprint, const RunPlan& plan,
       OperandData* data, Timeline* timeline,
       std::function<void(std::uint32_t, const GroupResult&)> finished,
       const BuildOrder& order = kBuildOrder, const StallSource* stalls = nullptr);
  ~Chip() override;

  /// Records the PEs in a waveform; before simulation starts, fidelity `pe`.
  void trace(sc_core::sc_trace_file& file) { array_->trace(file); }
  bool finished() const { return sequencer_->finished(); }
  /// Every unit with unfinished work and what it waits for.
  std::string unfinished_text() const;
  const std::vector<OutputHash>& output_hashes() const { return array_driver_->output_hashes(); }
  const BufferOccupancy& occupancy() const { return source_.occupancy(); }
  /// Nothing of a memory that stands in.
  DramStats dram_stats() { return dram_ ? dram_->stats() : DramStats{}; }

 private:
  void build_memory(const ChipBlueprint& blueprint);
  void build(ChipPart part, const ChipBlueprint& blueprint, OperandData* data);
  void build_array(const ChipBlueprint& blueprint, OperandData* data);
  std::unique_ptr<DmaEngine> dma_engine(const char* name, DramAccess access, const DmaSpec& spec);
  UnitCounts take_counts(std::uint32_t group);

  const RunPlan& plan_;
  ProgramSource source_;
  ClockDomain clock_;
  Scoreboard scoreboard_;
  EventLedger ledger_;
  ChipBuffers buffers_;
  CommandUnits units_{};
  CommandUnit::Context context_;
  std::unique_ptr<DramController> dram_;
  DramModel* memory_ = nullptr;
  std::unique_ptr<StalledPort> stalled_dram_;  ///< in front of it, if there are stalls
  std::unique_ptr<ArrayUnit> array_;
  std::unique_ptr<ArrayDriver> array_driver_;
  std::unique_ptr<VectorUnit> vector_;
  std::unique_ptr<RequantUnit> requant_;
  std::unique_ptr<DmaEngine> dma_read_;
  std::unique_ptr<DmaEngine> dma_write_;
  std::unique_ptr<Sequencer> sequencer_;
  EventCounts dram_overhead_;  ///< booked so far
};

}  // namespace mxsim
