#pragma once

#include <cstdint>
#include <memory>
#include <optional>

#include "models/dataflow/array_command.h"
#include "models/dataflow/command_counts.h"
#include "models/dataflow/sum_rule.h"
#include "sim/array/multiplier.h"
#include "sim/array/pe_grid.h"
#include "sim/array/scale_units.h"

namespace mxsim {

/// One command on the PEs of one array, step by step. Everything it reports was counted as it
/// happened.
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
  virtual std::int64_t sum_slot(const FlowControl& streamed) const = 0;
  const OperandDecoder& across_decoder() const;
  const OperandDecoder& down_decoder() const;
  PeGrid& registers() const { return grid_; }
  /// What the PEs did in the steps made so far.
  const PeActivity& activity() const { return total_; }
  /// Cycles by which the scale-and-add units are behind.
  Cycles unit_stall() const { return units_ ? units_->stall() : Cycles(0); }
  /// Cycles and counts of those steps but for products.
  ArrayCost cost() const;

 protected:
  virtual PeActivity step_array() = 0;

  /// A result leaves: written to, or added once to, C[index].
  void write_result(std::int64_t index, Accumulate mode, float sum);
  void count_sum_vector(std::int64_t elements, Accumulate mode);
  /// A pass begins that feeds operands for so many steps.
  void count_pass(std::int64_t steps) {
    ++passes_;
    if (units_) units_->begin_pass(steps * command_.interval.count());
  }
  /// PE (row, col) hands `sums` finished exact sums of a pass to its scale-and-add unit.
  void hand_over(std::uint16_t pass, std::int64_t row, std::int64_t col, std::uint64_t sums) {
    if (units_ && sums > 0) units_->add(pass, row, col, sums);
  }

  const ArraySpec& spec() const { return spec_; }
  const ArrayCommand& command() const { return command_; }
  const TileData& data() const { return data_; }
  PeGrid& grid() { return grid_; }
  std::int64_t now() const { return step_; }
  const SumRule& sum_rule() const { return sum_rule_; }
  /// Makes `control` that of `count` elements from `k` for row m of the result; `last`: of their
  /// pass.
  void set_elements(FlowControl& control, std::int64_t m, std::int64_t k, std::int64_t count,
                    bool last) const;
  /// Bit e: an exact part of row m of the result ends with element k + e.
  std::uint16_t part_ends(std::int64_t m, std::int64_t k, std::int64_t count, bool last) const;

  std::int64_t remaining_results_ = 0;
  BorderElements border_;
  ArrayTraffic words_;

 private:
  ArraySpec spec_;
  ArrayCommand command_;
  TileData data_;
  PeGrid& grid_;
  SumRule sum_rule_;
  std::int64_t step_ = 0;
  std::uint64_t passes_ = 0;
  std::uint64_t idle_cycles_ = 0;
  PeActivity total_;
  std::optional<ScaleUnits> units_;  ///< where finished sums go to shared units
};

/// The engine of the command's dataflow, the spec's accumulator and the dot product's width.
std::unique_ptr<ArrayEngine> make_engine(const ArraySpec& spec, const ArrayCommand& command,
                                         const TileData& data, PeGrid& grid);

}  // namespace mxsim
