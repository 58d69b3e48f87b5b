#include "sim/array/stationary_engine.h"

#include <algorithm>

#include "models/core/error.h"

namespace mxsim {
template <class Lane, int kDot>
StationaryEngine<Lane, kDot>::StationaryEngine(const ArraySpec& spec, const ArrayCommand& command,
                                               const TileData& data, PeGrid& grid)
    : ArrayEngine(spec, command, data, grid),
      rule_(spec, command.load),
      multiplier_(sum_rule(), across_decoder(), down_decoder(), spec.zero_gating),
      schedule_(spec, command),
      doubled_(spec.weight_buffering == WeightBuffering::kDouble),
      latency_(spec.mac_latency_cycles),
      ends_with_streamed_(command.blocks.pieces != nullptr &&
                          command.dataflow == Dataflow::kWeightStationary),
      used_rows_(schedule_.pe_rows(schedule_.reduction.front())),
      used_cols_(schedule_.width.front()),
      rows_(used_rows_, latency_),
      loads_(used_cols_, 1),
      row_inputs_(static_cast<std::size_t>(used_rows_)),
      column_inputs_(static_cast<std::size_t>(used_cols_)),
      exits_(static_cast<std::size_t>(used_cols_)),
      leaving_(static_cast<std::size_t>(latency_ * used_cols_)) {
  const bool ws = command.dataflow == Dataflow::kWeightStationary;
  const std::int64_t n = command.n;
  const std::int64_t k = command.k;
  const std::int64_t pitch = data.c_pitch > 0 ? data.c_pitch : n;
  layout_ = ws ? Layout{data.a.data(), k, 1, data.b.data(), n, 1, pitch, 1}
               : Layout{data.b.data(), 1, n, data.a.data(), 1, k, 1, pitch};
  for (Exit& exit : exits_) exit.shape = schedule_.pass(0);
  grid.clear<kDot>(used_rows_, used_cols_);
  remaining_results_ = command.m * n * schedule_.reduction.count();
}

template <class Lane, int kDot>
const typename StationaryEngine<Lane, kDot>::PlacedPass& StationaryEngine<Lane, kDot>::placed(
    std::int64_t pass) {
  if (placed_.index != pass) {
    const std::int64_t across = schedule_.width.count();
    static_cast<StationaryPass&>(placed_) = schedule_.pass(pass);
    placed_.index = pass;
    placed_.first_k = pass / across * schedule_.reduction.size;
    placed_.elements = schedule_.reduction.length(pass / across);
    placed_.first_col = pass % across * spec().cols;
  }
  return placed_;
}

// Starts the loads and the passes whose time has come.
template <class Lane, int kDot>
void StationaryEngine<Lane, kDot>::control() {
  const std::int64_t count = schedule_.passes();
  const auto load_steps = [&](const StationaryPass& pass) {
    return command().load.steps(pass.rows);
  };
  const auto load_may_start = [&] {
    if (next_load_ == 0) return true;
    return next_stream_ == next_load_ &&
           now() >= start_ + rule_.load_delay(schedule_.pass(next_load_ - 1),
                                              schedule_.pass(next_load_));
  };
  const auto stream_may_start = [&] {
    const StationaryPass pass = schedule_.pass(next_stream_);
    if (next_load_ == next_stream_ || now() < load_start_ + load_steps(pass)) return false;
    if (next_stream_ == 0) return true;
    const StationaryPass before = schedule_.pass(next_stream_ - 1);
    return now() >= start_ + before.length && now() >= start_ + rule_.exit_delay(before, pass);
  };
  if (next_stream_ < count && stream_may_start()) {
    rows_.add(next_stream_, now(), schedule_.length);
    start_ = now();
    ++next_stream_;
    count_pass(schedule_.length);
  }
  if (next_load_ < count && load_may_start()) {
    loads_.add(next_load_, now(), load_steps(schedule_.pass(next_load_)));
    load_start_ = now();
    ++next_load_;
  }
}

template <class Lane, int kDot>
void StationaryEngine<Lane, kDot>::feed_rows() {
  const ArrayPorts& ports = command().ports;
  const bool ws = command().dataflow == Dataflow::kWeightStationary;
  for (std::int64_t i = 0; i < used_rows_; ++i) {
    FlowRegister<kDot>& input = row_inputs_[static_cast<std::size_t>(i)];
    const Wavefront::Place place = rows_.at(i, now());
    input = {};
    if (place.pass < 0) continue;
    const PlacedPass& pass = placed(place.pass);
    if (i >= pass.rows) continue;
    const std::int64_t first = i * schedule_.dot;
    const std::int64_t count = std::min(schedule_.dot, pass.elements - first);
    const ArrayOperand* source = layout_.streamed + place.offset * layout_.streamed_by_step +
                                 (pass.first_k + first) * layout_.streamed_by_k;
    for (std::int64_t e = 0; e < count; ++e) input.operand[e] = source[e * layout_.streamed_by_k];
    input.flags = FlowControl::kValid;
    if (place.offset == 0) input.flags |= FlowControl::kFirst;
    if (place.offset == pass.length - 1) input.flags |= FlowControl::kLast;
    input.hops = static_cast<std::uint16_t>(place.pass);
    if (ends_with_streamed_) {
      input.part_ends = part_ends(place.offset, pass.first_k + first, count, i == pass.rows - 1);
    }
    (ws ? border_.a_reads : border_.b_reads) += count;
    if (i > 0) continue;
    if (ws) {
      words_.a_read_words += vector_words(pass.elements, a_port(ports));
    } else {
      words_.b_read_words += vector_words(pass.elements, b_port(ports));
    }
  }
}

template <class Lane, int kDot>
void StationaryEngine<Lane, kDot>::feed_columns() {
  const ArrayPorts& ports = command().ports;
  const bool ws = command().dataflow == Dataflow::kWeightStationary;
  for (std::int64_t j = 0; j < used_cols_; ++j) {
    FlowRegister<kDot>& input = column_inputs_[static_cast<std::size_t>(j)];
    const Wavefront::Place place = loads_.at(j, now());
    input = {};
    if (place.pass < 0) continue;
    const std::int64_t loaded = command().load.vectors(place.offset);
    if (command().load.vectors(place.offset + 1) == loaded) continue;
    const PlacedPass& pass = placed(place.pass);
    const std::int64_t row = pass.rows - 1 - loaded;
    input.hops = static_cast<std::uint16_t>(row);
    input.flags = FlowControl::kValid;
    if (j >= pass.cols) {
      input.flags |= FlowControl::kHole;
      continue;
    }
    const std::int64_t count = std::min(schedule_.dot, pass.elements - row * schedule_.dot);
    const std::int64_t k = pass.first_k + row * schedule_.dot;
    const ArrayOperand* source =
        layout_.fixed + k * layout_.fixed_by_k + (pass.first_col + j) * layout_.fixed_by_col;
    for (std::int64_t e = 0; e < count; ++e) input.operand[e] = source[e * layout_.fixed_by_k];
    set_elements(input, ws ? 0 : pass.first_col + j, k, count, row == pass.rows - 1);
    (ws ? border_.b_reads : border_.a_reads) += count;
    if (j > 0) continue;
    if (ws) {
      words_.b_read_words += vector_words(pass.cols * count, b_port(ports));
    } else {
      words_.a_read_words += vector_words(pass.cols * count, a_port(ports));
    }
  }
}

// The load chain: an element that still has rows to go moves into the PE below it.
template <class Lane, int kDot>
void StationaryEngine<Lane, kDot>::load(PeRegisters<kDot>& pe, const FlowRegister<kDot>& above,
                                        bool swapped, bool busy, PeActivity& activity) {
  const std::int64_t now_phase = now() % 2;
  const FlowRegister<kDot>& held = pe.down[now_phase];
  FlowRegister<kDot>& next = pe.down[1 - now_phase];
  if (!above.has(FlowControl::kValid)) {
    next = held;
    if (swapped || held.hops > 0) next = {};
    return;
  }
  const bool waiting = !swapped && held.has(FlowControl::kValid) && held.hops == 0;
  ensure(!waiting && (doubled_ || !busy), "stationary operand overwritten in use");
  next = above;
  if (next.has(FlowControl::kHole)) return;
  activity.stationary_moves += next.count;
  if (next.hops == 0) activity.stationary_loads += next.count;
}

// Swaps registers for the first operand of a pass; true when the pass uses this PE.
template <class Lane, int kDot>
bool StationaryEngine<Lane, kDot>::prepare(PeRegisters<kDot>& pe, const FlowRegister<kDot>& in) {
  if (in.has(FlowControl::kFirst)) {
    const FlowRegister<kDot>& held = pe.down[now() % 2];
    ensure(held.has(FlowControl::kValid) && held.hops == 0, "operand ahead of its stationary one");
    pe.active = held;
    pe.in_use = true;
  }
  if (in.has(FlowControl::kLast)) pe.in_use = false;
  return !pe.active.has(FlowControl::kHole);
}

template <class Lane, int kDot>
PeActivity StationaryEngine<Lane, kDot>::step_row(std::int64_t i) {
  PeActivity activity;
  const std::int64_t phase = now() % 2;
  PeRegisters<kDot>* pes = grid().template row<kDot>(i);
  const PeRegisters<kDot>* above = i > 0 ? grid().template row<kDot>(i - 1) : nullptr;
  const std::int64_t slots = latency_ + 1;
  PartialSum* out = grid().sum_row(now() % slots, i);
  const PartialSum* in_sums =
      i > 0 ? grid().sum_row((now() + slots - latency_) % slots, i - 1) : nullptr;
  for (std::int64_t j = 0; j < used_cols_; ++j) {
    PeRegisters<kDot>& pe = pes[j];
    const FlowRegister<kDot>& in =
        j > 0 ? pes[j - 1].across[phase] : row_inputs_[static_cast<std::size_t>(i)];
    pe.across[1 - phase] = in;
    const bool busy = pe.in_use || in.has(FlowControl::kValid);
    const bool used = in.has(FlowControl::kValid) && prepare(pe, in);
    FlowRegister<kDot> from_above;
    if (i == 0) {
      from_above = column_inputs_[static_cast<std::size_t>(j)];
    } else if (above[j].down[phase].hops > 0) {
      from_above = above[j].down[phase];
      --from_above.hops;
    }
    load(pe, from_above, in.has(FlowControl::kFirst), busy, activity);
    if (!used) continue;
    PartialSum sum = i > 0 ? in_sums[j] : PartialSum{};
    FlowControl control = pe.active;
    if (ends_with_streamed_) control.part_ends = in.part_ends;
    const std::uint64_t finished = activity.block_sums;
    multiplier_.step(in, pe.active, control, sum, activity);
    hand_over(in.hops, i, j, activity.block_sums - finished);
    if (pe.active.has(FlowControl::kLast)) {
      leave(j, sum.value);
    } else {
      out[j] = sum;
    }
  }
  return activity;
}

template <class Lane, int kDot>
void StationaryEngine<Lane, kDot>::leave(std::int64_t column, float sum) {
  const std::int64_t slot = (now() + latency_ - 1) % latency_;
  LeavingSum& exit = leaving_[static_cast<std::size_t>(slot * used_cols_ + column)];
  ensure(!exit.valid, "two results leave one column in one step");
  exit = {sum, true};
}

template <class Lane, int kDot>
void StationaryEngine<Lane, kDot>::collect() {
  LeavingSum* slot = leaving_.data() + now() % latency_ * used_cols_;
  for (std::int64_t j = 0; j < used_cols_; ++j) {
    if (!slot[j].valid) continue;
    slot[j].valid = false;
    Exit& exit = exits_[static_cast<std::size_t>(j)];
    while (j >= exit.shape.cols) exit.shape = schedule_.pass(++exit.pass);
    const std::int64_t reduction_tile = exit.pass / schedule_.width.count();
    const Accumulate mode = reduction_tile == 0 ? command().accumulate : Accumulate::kAdd;
    const std::int64_t col = exit.pass % schedule_.width.count() * spec().cols + j;
    if (j == 0) count_sum_vector(exit.shape.cols, mode);
    write_result(exit.step * layout_.result_by_step + col * layout_.result_by_col, mode,
                 slot[j].value);
    if (++exit.step < exit.shape.length) continue;
    exit.step = 0;
    if (++exit.pass < schedule_.passes()) exit.shape = schedule_.pass(exit.pass);
  }
}

template <class Lane, int kDot>
PeActivity StationaryEngine<Lane, kDot>::step_array() {
  control();
  feed_rows();
  feed_columns();
  PeActivity activity;
  for (std::int64_t i = 0; i < used_rows_; ++i) {
    activity += step_row(i);
  }
  collect();
  return activity;
}

template class StationaryEngine<ExactProductLane, 1>;
template class StationaryEngine<FusedLane, 1>;
template class StationaryEngine<BlockLane, 1>;
template class StationaryEngine<GeneralLane, 1>;
template class StationaryEngine<GeneralLane, kWidestDotProduct>;

}  // namespace mxsim
