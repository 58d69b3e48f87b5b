#pragma once

#include <cstdint>
#include <memory>

#include "models/dataflow/array_command.h"
#include "models/dataflow/command_counts.h"
#include "sim/array/pe.h"

namespace mxsim {

/// One command on the PEs, step by step. Everything it reports was counted as it happened.
class ArrayEngine {
 public:
  ArrayEngine(const ArraySpec& spec, const ArrayCommand& command, const TileData& data,
              PeGrid& grid);
  virtual ~ArrayEngine() = default;
  ArrayEngine(const ArrayEngine&) = delete;
  ArrayEngine& operator=(const ArrayEngine&) = delete;

  /// One array step: `interval` core cycles.
  void step();
  /// The last result has left.
  bool done() const { return remaining_results_ == 0; }
  std::int64_t steps() const { return step_; }
  /// Slot of the partial sum that the PE with `streamed` at its input wrote in the last step.
  virtual std::int64_t sum_slot(const FlowRegister& streamed) const = 0;
  /// Cycles and counts of the steps made so far.
  ArrayCost cost() const;

 protected:
  /// What the PEs did in one step.
  struct Activity {
    std::uint64_t macs = 0;  ///< performed or gated
    std::uint64_t gated = 0;
    std::uint64_t block_sums = 0;
    std::uint64_t stationary_loads = 0;

    Activity& operator+=(const Activity& other) {
      macs += other.macs;
      gated += other.gated;
      block_sums += other.block_sums;
      stationary_loads += other.stationary_loads;
      return *this;
    }
  };
  virtual Activity step_array() = 0;

  /// A result leaves: written to, or added once to, C[index].
  void write_result(std::int64_t index, Accumulate mode, float sum);
  void count_sum_vector(std::int64_t elements, Accumulate mode);
  void count_pass() { ++passes_; }

  const ArraySpec& spec() const { return spec_; }
  const ArrayCommand& command() const { return command_; }
  const TileData& data() const { return data_; }
  PeGrid& grid() { return grid_; }
  std::int64_t now() const { return step_; }
  bool gates(const ArrayOperand& a, const ArrayOperand& b) const {
    return zero_gating_ && is_gated(a, b);
  }
  bool ends_block_at(std::int64_t k) const;

  std::int64_t remaining_results_ = 0;
  BorderElements border_;
  ArrayTraffic words_;

 private:
  ArraySpec spec_;
  ArrayCommand command_;
  TileData data_;
  PeGrid& grid_;
  bool exact_blocks_;
  bool zero_gating_;
  std::int64_t step_ = 0;
  std::uint64_t passes_ = 0;
  std::uint64_t idle_cycles_ = 0;
  Activity total_;
};

/// The engine of the command's dataflow and the spec's accumulator.
std::unique_ptr<ArrayEngine> make_engine(const ArraySpec& spec, const ArrayCommand& command,
                                         const TileData& data, PeGrid& grid);

}  // namespace mxsim
