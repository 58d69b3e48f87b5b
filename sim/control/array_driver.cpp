#include "sim/control/array_driver.h"

#include <algorithm>
#include <bit>
#include <utility>

#include "models/core/rng.h"
#include "models/dataflow/closed_form.h"
#include "models/dataflow/command_chain.h"
#include "models/dataflow/sum_rule.h"
#include "models/mapping/program/tile_chain.h"

namespace mxsim {

ArrayDriver::ArrayDriver(const sc_core::sc_module_name& name, const MapperChip& chip,
                         ArrayUnit& array, const Context& context, const ChipBuffers& buffers,
                         OperandData* data)
    : CommandUnit(name, Unit::kArray, kMostChained, context),
      chip_(chip),
      array_(array),
      buffers_(buffers),
      data_(data) {
  SC_METHOD(end);
  sensitive << array_.finished();
  dont_initialize();
}

const OpGroup& ArrayDriver::group_of(const InFlight& tile) const {
  return context().ops.groups[tile.command.group];
}

std::optional<Cycles> ArrayDriver::may_start(const Command& command) const {
  if (in_flight_.empty()) return context().clock.now();
  if (!chain(in_flight_.back().command, command)) return std::nullopt;
  return array_.earliest(array_command(chip_, context().ops, command));
}

void ArrayDriver::begin(CommandId id, const Command& command) {
  const Cycles now = context().clock.now();
  if (!in_flight_.empty()) in_flight_.back().next_begin = now;
  InFlight& tile = in_flight_.emplace_back(InFlight{id, command, now});
  const ArrayCommand array = array_command(chip_, context().ops, command);
  array_.start(array, data_ == nullptr ? TileData{} : load_data(tile));
  note_waits(array, tile);
}

void ArrayDriver::note_waits(const ArrayCommand& array, InFlight& tile) {
  const Cycles loading = load_stall(chip_.array, array);
  const bool may_wait = loading > Cycles(0) || array.interval > Cycles(1) || array.load.is_slow() ||
                        context().stalls != nullptr ||
                        SumRule(chip_.array, array).uses_scale_units();
  if (!may_wait && !buffers_.ports().any()) return;
  const ArrayCost plan = closed_form(chip_.array, array);
  const GemmWork& gemm = group_of(tile).gemms[tile.work().gemm];
  buffers_.ports().begin(unit(), tile.begin, port_words(chip_, array.dataflow, gemm, plan.traffic),
                         plan.cycles);
  if (!may_wait) return;
  tile.own_end = tile.begin + (plan.cycles - plan.unit_stall - plan.port_stall);
  tile.streamed_end = tile.own_end - loading;
  tile.caught_up = tile.own_end + plan.unit_stall;
}

/// The last cycles of a command, before the next one begins, are those that instant loads, enough
/// units and ports of full width would have saved.
StallCycles ArrayDriver::waits_within(Cycles from, Cycles to) const {
  StallCycles waits;
  for (const InFlight& tile : in_flight_) {
    const Cycles begin = std::max(from, tile.begin);
    const Cycles end = std::min(to, tile.next_begin);
    const auto beyond = [&](Cycles first) {
      return std::max(Cycles(0), end - std::max(begin, first));
    };
    waits[StallCause::kBankConflict] += beyond(tile.caught_up);
    waits[StallCause::kStationaryLoad] += beyond(tile.streamed_end) - beyond(tile.own_end);
    waits[StallCause::kScaleUnit] += beyond(tile.own_end) - beyond(tile.caught_up);
  }
  return waits;
}

TileData ArrayDriver::load_data(InFlight& tile) {
  const ArrayWork& work = tile.work();
  const GemmWork& gemm = group_of(tile).gemms[work.gemm];
  tile.operands = data_->gather(gemm, work.tile);
  const GemmExtents size = extents(gemm, work.tile);
  std::shared_ptr<std::vector<float>>& results = unfinished_[{work.gemm, work.result}];
  if (work.accumulate == Accumulate::kOverwrite) {
    results = std::make_shared<std::vector<float>>(static_cast<std::size_t>(size.m * size.n), 0.0F);
  }
  tile.results = results;
  return {tile.operands.a, tile.operands.b, *results, tile.operands.a_decoder,
          tile.operands.b_decoder};
}

void ArrayDriver::hash_results(const InFlight& tile) {
  const OpGroup& group = group_of(tile);
  const std::uint32_t gemm = tile.work().gemm;
  const bool known = hashed_ == &group && hashes_.back().gemm == gemm;
  if (!known) hashes_.push_back({group.layer, group.pass, gemm, stable_hash("")});
  hashed_ = &group;
  std::uint64_t& hash = hashes_.back().hash;
  for (const float value : *tile.results) {
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
  const InFlight& tile = in_flight_.front();
  const OpGroup& group = group_of(tile);
  const GemmWork& gemm = group.gemms[tile.work().gemm];
  const OperandBuffers operands = operand_buffers(chip_, gemm);
  const ColumnReads columns = column_reads(chip_, chip_.array.dataflow[group.pass], gemm);
  const ArrayTraffic& traffic = cost.traffic;
  count_reads(operands.left, traffic.a_read_words, traffic.a_read, columns.left);
  count_reads(operands.right, traffic.b_read_words, traffic.b_read, columns.right);
  buffers_.of(Unit::kSramAccumulator)
      .count(traffic.c_read_words, traffic.c_read, traffic.c_write_words, traffic.c_write);
  if (data_ != nullptr && tile.work().completion == Completion::kFinal) {
    hash_results(tile);
    unfinished_.erase({tile.work().gemm, tile.work().result});
  }
  finish(tile.id);
  in_flight_.pop_front();
}

}  // namespace mxsim
