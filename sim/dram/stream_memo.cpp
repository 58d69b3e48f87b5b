#include "sim/dram/stream_memo.h"

#include <algorithm>
#include <bit>

namespace mxsim {
namespace {

constexpr int kMostTapeBits = 20;
constexpr std::int64_t kRestCycles = 64;

int log2_of(std::int64_t power_of_two) {
  return std::countr_zero(static_cast<std::uint64_t>(power_of_two));
}

std::int32_t word(std::int64_t value) { return static_cast<std::int32_t>(value); }

}  // namespace

StreamMemo::StreamMemo(const DramDevice& device, const AddressMap& map, int channel, Parts parts)
    : map_(map),
      channel_(channel),
      parts_(parts),
      nodes_(kRestCycles),
      awaited_(static_cast<std::size_t>(banks())),
      activated_(static_cast<std::size_t>(banks())) {
  const DramOrganisation& o = device.organisation;
  const int row_bits = log2_of(o.channels * o.count(DramLevel::kBank) * o.bursts);
  const std::int64_t first = std::int64_t{1} << row_bits;
  const bool outermost = map.decode(first).row == 1 && map.decode(first - 1).row == 0;
  const std::int64_t own = map.bursts_below(first, channel);
  const std::int64_t period = own * map.bank_hash_rows();
  if (!outermost || log2_of(period) > kMostTapeBits) return;
  row_shift_ = log2_of(own);
  numbers_ = o.rows << row_bits;
  turns_.emplace(o, map, channel, own);
  tape_of_.assign(static_cast<std::size_t>(period), kNone);
}

bool StreamMemo::serves(const RequestQueue& queue) const {
  const DramRun& run = queue.stream_run();
  return row_shift_ > 0 && (run.rows == 1 || run.stride == run.row_bytes);
}

bool StreamMemo::can_follow(const RequestQueue& queue, std::int64_t now) const {
  return !nodes_.rests(now) && queue.stream_length() >= kLeastLength &&
         queue.stream_bursts() >= kLeastLeft && serves(queue);
}

std::int64_t StreamMemo::end_of(const RequestQueue& queue) const {
  const DramRun& run = queue.stream_run();
  const std::int64_t last_byte = run.base + run.rows * run.row_bytes - 1;
  return map_.bursts_below(std::min(numbers_, map_.burst_of(last_byte) + 1), channel_);
}

std::int64_t StreamMemo::served_before(const RequestQueue& queue) const {
  return last_number(queue) + 1 - queue.loaded();
}

std::int64_t StreamMemo::bursts_to_stop(const RequestQueue& queue) const {
  return kStride - served_before(queue) % kStride;
}

int StreamMemo::tape_after(std::int64_t last, std::int64_t end) {
  if (last >= end) return kNone;
  int& tape = tape_of_[static_cast<std::size_t>((last + 1) & (std::ssize(tape_of_) - 1))];
  if (tape == kNone) tape = read_tape(last);
  return last + 1 + tapes_[index(tape)].reach < end ? tape : kNone;
}

int StreamMemo::read_tape(std::int64_t from) {
  const std::int64_t last = ((from + 1) & (std::ssize(tape_of_) - 1)) - 1;
  const std::int64_t begin = map_.burst_at(last + 1, channel_) << map_.burst_shift();
  RunCursor cursor(map_, {begin, INT64_MAX / 4, 0, 1}, channel_);
  Tape tape{{word(turns_->phase(last))}, 0};
  for (std::int64_t bursts = 0; bursts < kStride;) {
    DramSegment segment;
    cursor.next(segment);
    bursts += segment.count;
    segment.burst += segment.count - 1;
    tape.reach = number_of(segment) - last;
    for (std::int64_t value :
         {std::int64_t{turns_->at(last).numbers[index(segment.bank)]},
          distance(last, segment.bank, segment.row), segment.count, tape.reach}) {
      tape.segments.push_back(word(value));
    }
  }
  const auto same = std::find_if(tapes_.begin(), tapes_.end(), [&](const Tape& other) {
    return other.segments == tape.segments;
  });
  if (same != tapes_.end()) return static_cast<int>(same - tapes_.begin());
  tapes_.push_back(std::move(tape));
  return static_cast<int>(tapes_.size()) - 1;
}

bool StreamMemo::rows_are_behind(std::int64_t last, int tape) const {
  const std::int64_t end = row_of(last + tapes_[index(tape)].reach);
  for (int bank = 0; bank < banks(); ++bank) {
    const std::int64_t row = parts_.banks.open_row(bank);
    if (row > row_of(last) && row <= end) return false;
  }
  return true;
}

bool StreamMemo::take_entries(const RequestQueue& queue, std::int64_t last) {
  entries_.clear();
  awaited_.assign(awaited_.size(), false);
  for (int slot = queue.oldest(); slot != RequestQueue::kNone; slot = queue.entry(slot).younger) {
    const RequestQueue::Entry& entry = queue.entry(slot);
    const DramSegment& s = entry.segment;
    const std::int64_t open = parts_.banks.open_row(s.bank);
    const bool passed = open > s.row && open <= row_of(last);
    if (entry.owner != BurstOwner::kOneRequest || passed) return false;
    if (open == s.row) awaited_[index(s.bank)] = true;
    for (std::int64_t value :
         {number_of(s) - last, s.count, std::int64_t{turns_->at(last).numbers[index(s.bank)]},
          distance(last, s.bank, s.row)}) {
      entries_.push_back(word(value));
    }
  }
  return true;
}

std::int32_t StreamMemo::name_of(std::int64_t last, std::int64_t last_row, int bank,
                                 std::int64_t row) const {
  const std::int64_t ahead = distance(last, bank, row);
  const bool needed = (ahead >= 0 && row <= last_row) || awaited_[index(bank)];
  return needed ? word(ahead) : kAway;
}

bool StreamMemo::take_state(const RequestQueue& queue, int tape, DramAccess access,
                            std::int64_t now) {
  const std::int64_t last = last_number(queue);
  // Hits are always older than what waits for another row: the number of them decides nothing.
  if (!rows_are_behind(last, tape) || !take_entries(queue, last)) return false;
  const std::int64_t last_row = row_of(end_of(queue) - 1);
  const std::vector<int>& order = turns_->at(last).banks;
  state_.clear();
  parts_.timing.append_state(now, order, state_);
  const auto name = [&](int bank, std::int64_t row) { return name_of(last, last_row, bank, row); };
  parts_.banks.append_state(now, order, name, 1, state_);
  state_.push_back(word(static_cast<std::int64_t>(access)));
  state_.insert(state_.end(), entries_.begin(), entries_.end());
  return true;
}

int StreamMemo::node_of_state(std::int64_t now) {
  const auto [node, cleared] = nodes_.find(state_, now);
  if (cleared) interrupt();
  return node;
}

const StreamMemo::Way* StreamMemo::way(int node, int tape) const {
  for (const Way& way : nodes_.ways(node)) {
    if (way.tape == tape) return &way;
  }
  return nullptr;
}

void StreamMemo::remember(const RequestQueue& queue, int node, std::int64_t now) {
  const bool whole = begin_.node != kNone && begin_.request == queue.stream_request() &&
                     begin_.served + kStride == served_before(queue);
  if (!whole || way(begin_.node, begin_.tape) != nullptr) return;
  Way way{begin_.tape, node,          now - begin_.now, last_number(queue) - begin_.last,
          {},          bank_changes()};
  way.counted = parts_.banks.counts(now);
  way.counted.add(begin_.counts, -1);
  nodes_.ways(begin_.node).push_back(std::move(way));
}

std::vector<StreamMemo::BankChange> StreamMemo::bank_changes() const {
  std::vector<BankChange> changes;
  for (int bank = 0; bank < banks(); ++bank) {
    const std::int64_t columns = parts_.banks.columns(bank);
    const std::int64_t row = parts_.banks.open_row(bank);
    const bool opened = activated_[index(bank)];
    if (!opened && columns == columns_[index(bank)]) continue;
    changes.push_back({turns_->at(begin_.last).numbers[index(bank)], opened,
                       opened ? columns : columns - columns_[index(bank)],
                       distance(begin_.last, bank, row)});
  }
  return changes;
}

void StreamMemo::begin(const RequestQueue& queue, int node, int tape, std::int64_t now) {
  begin_ = {node,
            tape,
            queue.stream_request(),
            served_before(queue),
            now,
            last_number(queue),
            parts_.banks.counts(now)};
  take_banks();
  activated_.assign(activated_.size(), false);
}

void StreamMemo::take_banks() {
  columns_.clear();
  rows_.clear();
  for (int bank = 0; bank < banks(); ++bank) {
    columns_.push_back(parts_.banks.columns(bank));
    rows_.push_back(parts_.banks.open_row(bank));
  }
}

void StreamMemo::apply(const Way& way, std::int64_t from) {
  for (const BankChange& change : way.banks) {
    const int bank = turns_->at(from).banks[index(change.bank)];
    std::int64_t& columns = columns_[index(bank)];
    columns = (change.opened ? 0 : columns) + change.columns;
    if (change.opened) rows_[index(bank)] = row_at(from, bank, change.row);
  }
}

StreamMemo::Advance StreamMemo::follow(RequestQueue& queue, DramAccess access, std::int64_t now,
                                       std::int64_t limit) {
  Advance advance;
  if (served_before(queue) % kStride != 0) return advance;
  const std::int64_t end = end_of(queue);
  std::int64_t last = last_number(queue);
  int tape = tape_after(last, end);
  if (tape == kNone || !take_state(queue, tape, access, now)) {
    interrupt();
    return advance;
  }
  int node = node_of_state(now);
  remember(queue, node, now);
  take_banks();
  while (tape != kNone) {
    const Way* next = way(node, tape);
    if (next == nullptr || now + advance.cycles + next->cycles >= limit) break;
    advance.cycles += next->cycles;
    advance.bursts += kStride;
    advance.counted.add(next->counted, 1);
    apply(*next, last);
    last += next->numbers;
    node = next->to;
    tape = tape_after(last, end);
  }
  if (advance.bursts > 0) put_back(queue, node, now, advance, last);
  begin(queue, node, tape, now + advance.cycles);
  if (tape == kNone) interrupt();
  return advance;
}

void StreamMemo::put_back(RequestQueue& queue, int node, std::int64_t now, const Advance& advance,
                          std::int64_t last) {
  const std::vector<std::int32_t>& state = nodes_.state(node);
  const std::int64_t then = now + advance.cycles;
  ChannelCounts counts = parts_.banks.counts(now);
  counts += advance.counted;
  const std::vector<int>& order = turns_->at(last).banks;
  const std::int32_t* word = parts_.timing.restore_state(then, order, state.data());
  const auto row_of_bank = [&](int bank, std::int32_t) { return rows_[index(bank)]; };
  word = parts_.banks.restore_state(then, order, row_of_bank, word, counts) + 1;
  parts_.banks.set_columns(columns_);
  waiting_.clear();
  const auto segment_at = [&](std::int64_t number, std::int64_t count) {
    const DramAddress place = map_.decode(map_.burst_at(number, channel_));
    return DramSegment{place.bank, place.row, place.burst, count};
  };
  for (; word != state.data() + state.size(); word += 4) {
    waiting_.push_back(segment_at(last + word[0], word[1]));
  }
  const std::int64_t begin = map_.burst_at(last + 1, channel_) << map_.burst_shift();
  const std::int64_t end = (map_.burst_at(end_of(queue) - 1, channel_) + 1) << map_.burst_shift();
  queue.move_stream(advance.bursts, waiting_, segment_at(last, 1),
                    RunCursor(map_, {begin, end - begin, 0, 1}, channel_));
}

}  // namespace mxsim
