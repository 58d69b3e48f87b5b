#pragma once

#include <optional>
#include <string>
#include <vector>

#include "models/energy/area_breakdown.h"
#include "models/energy/efficiency.h"
#include "models/energy/energy_model.h"
#include "models/energy/uncertainty.h"
#include "sim/config/run_config.h"
#include "sim/run/run_details.h"
#include "sim/run/simulation.h"

namespace mxsim {

/// What a run was, in the words of its files.
struct RunIdentity {
  std::string workload;
  std::string mode;
  std::int64_t batch = 1;
  /// "image", or "token" of a language model, and how many of them the run works through.
  std::string item = "image";
  std::int64_t items = 1;
  std::int64_t gradient_accumulation_steps = 1;
  std::string format;
  std::string recipe;         ///< "" without one
  std::size_t overrides = 0;  ///< formats of single layers
  std::string block;          ///< "8x8", or "" without block scale
  std::string transpose;      ///< "" when nothing is quantized in blocks
  std::string storage;
  std::string fidelity;
  std::int64_t array_rows = 0;  ///< PEs
  std::int64_t array_cols = 0;
  ArrayGrid array_grid;
  std::int64_t macs_per_cycle = 0;  ///< of all arrays, in the formats of the run
  std::uint64_t seed = 1;
  std::string
      config_hash;  ///< of the whole configuration and the work derived from it, 16 hex digits
};

/// One layer in one pass of the step.
struct LayerReport {
  std::string name;
  std::string phase;  ///< of a request's work (request_run.h): "prefill", "decode"; else ""
  Pass pass = Pass::kForward;
  std::string op;       ///< its groups' operations, joined by "; "
  Cycles cycles{0};     ///< turns of its groups (see Sequencer)
  Cycles predicted{0};  ///< the same on an ideal memory (run_prediction.h)
  Cycles span{0};       ///< first to last command of its groups; overlaps with other layers'
  std::int64_t macs = 0;
  std::int64_t mac_slots = 0;   ///< multiply-accumulates that the PEs could make in its cycles
  double utilization = 0;       ///< macs over mac_slots
  std::int64_t busy_slots = 0;  ///< and in those of its cycles in which the array computes
  double core_utilization = 0;  ///< macs over busy_slots
  std::string bound_by;         ///< see bound_by()
  Bytes dram_read{0};           ///< whole bursts
  Bytes dram_written{0};
  Bytes dram_bound{0};  ///< least traffic of any mapping (traffic_bound.h), summed over its groups
  EnergyBreakdown energy;
  UnitCounts counts;
  std::array<UnitActivity, kUnitCount> activity{};
  std::vector<LayerMapping> mappings;

  Bytes dram_bytes() const { return dram_read + dram_written; }
};

/// A simulated phase of a request, and how many steps it stands for.
struct RequestPhase {
  std::string name;          ///< "prefill", "decode"
  std::int64_t context = 0;  ///< tokens in the cache before
  std::int64_t steps = 1;
  double time_s = 0;  ///< of one step, as the rest
  Cycles cycles{0};
  double energy_pj = 0;
};

/// What a request of a language model says beside its totals. Energies and rates count the tokens
/// of all requests of the batch.
struct TokenReport {
  std::int64_t prompt = 0;     ///< tokens of a request
  std::int64_t generated = 0;  ///< of a request
  double time_to_first_s = 0;
  double time_per_token_s = 0;  ///< mean of the later tokens; 0 without
  double tokens_per_s = 0;
  double energy_per_token_pj = 0;  ///< the whole request's, prompt included, over generated tokens
  std::vector<RequestPhase> phases;
};

/// macs over mac_slots; 0 when there are none.
double mac_share(std::int64_t macs, std::int64_t slots);

/// Traffic over its bound; 1 when there is none.
double over_bound(Bytes moved, Bytes bound);

/// Everything a run says. Energies follow from counts and prices alone.
struct RunReport {
  RunIdentity identity;
  SimulationResult result;
  double time_s = 0;
  std::int64_t macs = 0;
  std::int64_t bops = 0;  ///< bit_operations() of all GEMMs
  double utilization = 0;
  double core_utilization = 0;  ///< while the array computes
  Bytes dram_read{0};
  Bytes dram_written{0};
  Bytes dram_bound{0};
  Bytes sram_read{0};
  Bytes sram_written{0};
  EnergyBreakdown energy;
  Band energy_pj;
  AreaBreakdown area;
  Efficiency efficiency;
  /// Highest power at any moment when each group's events are spread evenly over the group's span,
  /// standing power included.
  double peak_power_w = 0;
  std::vector<LayerReport> layers;
  std::vector<MemoryMoment> memory_over_time;  ///< by group; empty of a request
  ChipFigures chip;
  std::vector<std::string> assumptions;
  std::optional<TokenReport> tokens;  ///< of a request
  std::vector<std::string> warnings;  ///< settings of the chip that waste most of the run
};

/// What the chip costs that does this work.
EnergyModel energy_model(const ChipConfig& chip, const OpList& ops);

/// Prices a finished simulation.
RunReport price_run(const RunIdentity& identity, const ChipConfig& chip, GroupOverlap overlap,
                    const OpList& ops, SimulationResult result, std::uint64_t seed);

/// The resource that is occupied longest, if that is at least half of the time: "compute" (array
/// busy), "dram" (a DMA engine waits for it), "dma" (an engine works), "vector", "requant", or
/// "bank_conflict" (of any unit). Otherwise the largest cause by which the unit that computes the
/// results (the array if it has any work, else the vector unit) was stalled, or "latency" if it was
/// idle for longer.
std::string bound_by(const std::array<UnitActivity, kUnitCount>& activity, Cycles cycles);

}  // namespace mxsim
