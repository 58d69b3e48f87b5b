#include "sim/array/output_engine.h"

#include <algorithm>

#include "models/core/error.h"

namespace mxsim {

template <class Lane, int kDot>
OutputEngine<Lane, kDot>::OutputEngine(const ArraySpec& spec, const ArrayCommand& command,
                                       const TileData& data, PeGrid& grid)
    : ArrayEngine(spec, command, data, grid),
      rule_(spec),
      multiplier_(sum_rule(), across_decoder(), down_decoder(), spec.zero_gating),
      schedule_(spec, command),
      doubled_(spec.weight_buffering == WeightBuffering::kDouble),
      latency_(spec.mac_latency_cycles),
      used_rows_(schedule_.rows.front()),
      used_cols_(schedule_.cols.front()),
      rows_(used_rows_, 1),
      cols_(used_cols_, 1),
      drains_(used_cols_, 1),
      row_inputs_(static_cast<std::size_t>(used_rows_)),
      column_inputs_(static_cast<std::size_t>(used_cols_)) {
  grid.clear<kDot>(used_rows_, used_cols_);
  remaining_results_ = command.m * command.n;
}

template <class Lane, int kDot>
const typename OutputEngine<Lane, kDot>::PlacedPass& OutputEngine<Lane, kDot>::placed(
    std::int64_t pass) {
  if (placed_.index != pass) {
    const std::int64_t across = schedule_.groups.count();
    static_cast<OutputPass&>(placed_) = schedule_.pass(pass);
    placed_.index = pass;
    placed_.first_row = pass / across * spec().rows;
    placed_.first_tile = pass % across * latency_;
  }
  return placed_;
}

template <class Lane, int kDot>
void OutputEngine<Lane, kDot>::control() {
  if (next_pass_ == schedule_.passes()) return;
  const OutputPass pass = schedule_.pass(next_pass_);
  if (next_pass_ > 0) {
    const OutputPass before = schedule_.pass(next_pass_ - 1);
    const std::int64_t elapsed = now() - start_;
    if (elapsed < rule_.operand_steps(before) || elapsed < rule_.chain_delay(before, pass) ||
        elapsed < rule_.exit_delay(before, pass)) {
      return;
    }
  }
  start_ = now();
  rows_.add(next_pass_, start_, rule_.operand_steps(pass));
  cols_.add(next_pass_, start_, rule_.operand_steps(pass));
  drains_.add(next_pass_, start_ + rule_.finish(pass) + 1, pass.rows * pass.groups);
  ++next_pass_;
  count_pass(rule_.operand_steps(pass));
}

template <class Lane, int kDot>
typename OutputEngine<Lane, kDot>::Elements OutputEngine<Lane, kDot>::elements_at(
    std::int64_t step) const {
  const std::int64_t k = step * command().width;
  return {k, std::min(command().width, command().k - k), step == schedule_.length - 1};
}

template <class Lane, int kDot>
void OutputEngine<Lane, kDot>::feed_rows() {
  const ArrayPorts& ports = command().ports;
  for (std::int64_t i = 0; i < used_rows_; ++i) {
    FlowRegister<kDot>& input = row_inputs_[static_cast<std::size_t>(i)];
    const Wavefront::Place place = rows_.at(i, now());
    input = {};
    if (place.pass < 0) continue;
    const PlacedPass& pass = placed(place.pass);
    const Elements elements = elements_at(place.offset / latency_);
    const std::int64_t group = place.offset % latency_;
    if (i >= pass.rows || group >= pass.groups) continue;
    const ArrayOperand* a = data().a.data() + (pass.first_row + i) * command().k + elements.k;
    std::copy_n(a, elements.count, input.operand);
    input.group = static_cast<std::uint8_t>(group);
    input.flags = FlowControl::kValid;
    if (elements.k == 0) input.flags |= FlowControl::kFirst;
    set_elements(input, pass.first_row + i, elements.k, elements.count, elements.last);
    input.hops = static_cast<std::uint16_t>(place.pass);
    // The edge holds the elements for the other groups.
    if (group > 0) continue;
    border_.a_reads += elements.count;
    if (i == 0) words_.a_read_words += vector_words(pass.rows * elements.count, a_port(ports));
  }
}

template <class Lane, int kDot>
void OutputEngine<Lane, kDot>::feed_columns() {
  const ArrayPorts& ports = command().ports;
  for (std::int64_t j = 0; j < used_cols_; ++j) {
    FlowRegister<kDot>& input = column_inputs_[static_cast<std::size_t>(j)];
    const Wavefront::Place place = cols_.at(j, now());
    input = {};
    if (place.pass < 0) continue;
    const PlacedPass& pass = placed(place.pass);
    const Elements elements = elements_at(place.offset / latency_);
    const std::int64_t group = place.offset % latency_;
    if (group >= pass.groups || j >= pass.width(schedule_, group)) continue;
    const std::int64_t column = (pass.first_tile + group) * spec().cols + j;
    for (std::int64_t e = 0; e < elements.count; ++e) {
      input.operand[e] =
          data().b[static_cast<std::size_t>((elements.k + e) * command().n + column)];
    }
    input.flags = FlowControl::kValid;
    border_.b_reads += elements.count;
    if (j == 0) {
      const std::int64_t vector = pass.width(schedule_, group) * elements.count;
      words_.b_read_words += vector_words(vector, b_port(ports));
    }
  }
}

template <class Lane, int kDot>
bool OutputEngine<Lane, kDot>::draining(std::int64_t i, std::int64_t j) {
  for (std::int64_t g = 0; g < latency_; ++g) {
    if (grid().drain(i, j, g).valid) return true;
  }
  return false;
}

template <class Lane, int kDot>
PeActivity OutputEngine<Lane, kDot>::step_row(std::int64_t i) {
  PeActivity activity;
  const std::int64_t phase = now() % 2;
  PeRegisters<kDot>* pes = grid().template row<kDot>(i);
  const PeRegisters<kDot>* above = i > 0 ? grid().template row<kDot>(i - 1) : nullptr;
  for (std::int64_t j = 0; j < used_cols_; ++j) {
    PeRegisters<kDot>& pe = pes[j];
    const FlowRegister<kDot>& a =
        j > 0 ? pes[j - 1].across[phase] : row_inputs_[static_cast<std::size_t>(i)];
    const FlowRegister<kDot>& b =
        i > 0 ? above[j].down[phase] : column_inputs_[static_cast<std::size_t>(j)];
    pe.across[1 - phase] = a;
    pe.down[1 - phase] = b;
    if (!a.has(FlowControl::kValid) || !b.has(FlowControl::kValid)) continue;
    ensure(doubled_ || !draining(i, j), "operand at an accumulator that still drains");
    PartialSum& sum = grid().sum_row(a.group, i)[j];
    if (a.has(FlowControl::kFirst)) sum = {};
    const std::uint64_t finished = activity.block_sums;
    multiplier_.step(a, b, a, sum, activity);
    hand_over(a.hops, i, j, activity.block_sums - finished);
    if (a.has(FlowControl::kLast)) {
      finishing_.push_back({now() + latency_ - 1, i, j, a.group});
    }
  }
  return activity;
}

// One place down the chain for the results of the pass that drains from `column`: before step s of
// its drain they stand in places s .. rows * groups - 1, counted from the top.
template <class Lane, int kDot>
void OutputEngine<Lane, kDot>::move_chain(std::int64_t column) {
  const Wavefront::Place place = drains_.at(column, now());
  if (place.pass < 0) return;
  const PlacedPass& pass = placed(place.pass);
  const std::int64_t places = pass.rows * pass.groups;
  const auto chain = [&](std::int64_t at) -> DrainRegister& {
    return grid().drain(at / pass.groups, column, at % pass.groups);
  };
  const std::int64_t result = places - 1 - place.offset;
  const std::int64_t group = result % pass.groups;
  const DrainRegister leaving = chain(places - 1);
  for (std::int64_t at = places - 1; at > place.offset; --at) chain(at) = chain(at - 1);
  chain(place.offset).valid = false;
  if (column == 0) count_sum_vector(pass.width(schedule_, group), command().accumulate);
  if (!leaving.valid) return;
  const std::int64_t row = pass.first_row + result / pass.groups;
  const std::int64_t col = (pass.first_tile + group) * spec().cols + column;
  const std::int64_t pitch = data().c_pitch > 0 ? data().c_pitch : command().n;
  write_result(row * pitch + col, command().accumulate, leaving.value);
}

template <class Lane, int kDot>
void OutputEngine<Lane, kDot>::capture() {
  for (; !finishing_.empty() && finishing_.front().step == now(); finishing_.pop_front()) {
    const Finishing& done = finishing_.front();
    DrainRegister& drain = grid().drain(done.row, done.col, done.group);
    ensure(!drain.valid, "result captured into a busy drain register");
    drain = {grid().sum_row(done.group, done.row)[done.col].value, true};
  }
}

template <class Lane, int kDot>
PeActivity OutputEngine<Lane, kDot>::step_array() {
  control();
  feed_rows();
  feed_columns();
  PeActivity activity;
  for (std::int64_t i = 0; i < used_rows_; ++i) {
    activity += step_row(i);
  }
  for (std::int64_t j = 0; j < used_cols_; ++j) move_chain(j);
  capture();
  return activity;
}

template class OutputEngine<ExactProductLane, 1>;
template class OutputEngine<FusedLane, 1>;
template class OutputEngine<BlockLane, 1>;
template class OutputEngine<GeneralLane, 1>;
template class OutputEngine<GeneralLane, kWidestDotProduct>;

}  // namespace mxsim
