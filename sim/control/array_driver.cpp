#include "sim/control/array_driver.h"

#include <algorithm>
#include <bit>
#include <utility>

#include "models/core/rng.h"
#include "models/dataflow/closed_form.h"
#include "models/dataflow/sum_rule.h"

namespace mxsim {

ArrayDriver::ArrayDriver(const sc_core::sc_module_name& name, const MapperChip& chip,
                         ArrayUnit& array, const Surroundings& around, const ChipBuffers& buffers,
                         OperandData* data)
    : CommandUnit(name, Unit::kArray, 1, around),
      chip_(chip),
      array_(array),
      buffers_(buffers),
      data_(data) {
  SC_METHOD(end);
  sensitive << array_.finished();
  dont_initialize();
}

void ArrayDriver::begin(CommandId id, const Command& command) {
  running_ = id;
  group_ = &around().ops.groups[command.group];
  work_ = std::get<ArrayWork>(command.work);
  const GemmWork& gemm = group_->gemms[work_.gemm];
  const ArrayCommand array = array_command(chip_, group_->pass, gemm, work_.tile, work_.accumulate);
  array_.start(array, data_ == nullptr ? TileData{} : load_data(work_));
  own_end_ = Cycles(INT64_MAX);
  caught_up_ = own_end_;
  const bool may_wait = array.interval > Cycles(1) || array.load.is_slow() ||
                        around().stalls != nullptr ||
                        SumRule(chip_.array, array).uses_scale_units();
  if (!may_wait && !buffers_.ports().any()) return;
  const ArrayCost plan = closed_form(chip_.array, array);
  const Cycles now = around().clock.now();
  buffers_.ports().begin(unit(), now, port_words(chip_, array.dataflow, gemm, plan.traffic),
                         plan.cycles);
  if (!may_wait) return;
  own_end_ = now + (plan.cycles - plan.unit_stall - plan.port_stall);
  caught_up_ = own_end_ + plan.unit_stall;
}

/// The last cycles of a command are those that enough units and ports of full width would have
/// saved.
StallCycles ArrayDriver::waits_within(Cycles from, Cycles to) const {
  const auto beyond = [&](Cycles first) { return std::max(Cycles(0), to - std::max(from, first)); };
  StallCycles waits;
  waits[StallCause::kBankConflict] = beyond(caught_up_);
  waits[StallCause::kScaleUnit] = beyond(own_end_) - beyond(caught_up_);
  return waits;
}

TileData ArrayDriver::load_data(const ArrayWork& work) {
  const GemmWork& gemm = group_->gemms[work.gemm];
  operands_ = data_->gather(gemm, work.tile);
  const GemmExtents size = extents(gemm, work.tile);
  if (work.accumulate == Accumulate::kOverwrite) {
    results_.assign(static_cast<std::size_t>(size.m * size.n), 0.0F);
  } else {
    results_ = std::move(unfinished_.at({work.gemm, work.result}));
  }
  return {operands_.a, operands_.b, results_, operands_.a_decoder, operands_.b_decoder};
}

void ArrayDriver::hash_results(const ArrayWork& work) {
  const bool known = hashed_ == group_ && hashes_.back().gemm == work.gemm;
  if (!known) hashes_.push_back({group_->layer, group_->pass, work.gemm, stable_hash("")});
  hashed_ = group_;
  std::uint64_t& hash = hashes_.back().hash;
  for (const float value : results_) {
    const auto bits = std::bit_cast<std::array<char, sizeof value>>(value);
    hash = stable_hash({bits.data(), bits.size()}, hash);
  }
}

void ArrayDriver::count_reads(Unit buffer, std::int64_t words, Bytes payload,
                              std::optional<TransposedRead> by_columns) {
  SramBuffer& from = buffers_.of(buffer);
  from.count(words, payload, 0, Bytes(0));
  if (by_columns == TransposedRead::kTransposer) from.count_transposed(payload);
}

void ArrayDriver::end() {
  const ArrayCost& cost = array_.last();
  counts() += cost.counts;
  const GemmWork& gemm = group_->gemms[work_.gemm];
  const OperandBuffers operands = operand_buffers(chip_, gemm);
  const ColumnReads columns = column_reads(chip_, chip_.array.dataflow[group_->pass], gemm);
  const ArrayTraffic& traffic = cost.traffic;
  count_reads(operands.left, traffic.a_read_words, traffic.a_read, columns.left);
  count_reads(operands.right, traffic.b_read_words, traffic.b_read, columns.right);
  buffers_.of(Unit::kSramAccumulator)
      .count(traffic.c_read_words, traffic.c_read, traffic.c_write_words, traffic.c_write);
  if (data_ != nullptr) {
    if (work_.completion == Completion::kFinal) {
      hash_results(work_);
    } else {
      unfinished_[{work_.gemm, work_.result}] = std::move(results_);
    }
  }
  finish(running_);
}

}  // namespace mxsim
