#include "sim/dram/turn_memo.h"

#include <algorithm>
#include <bit>
#include <numeric>

namespace mxsim {
namespace {

constexpr std::size_t kMostWays = 8;      // of a node
constexpr std::int64_t kLeastLeft = 128;  // bursts of them
constexpr std::int64_t kMostTurn = 256;   // bursts; longer turns repeat too seldom
constexpr std::int64_t kRestCycles = 256;
constexpr std::int32_t kEnd = -1;

std::int32_t word(std::int64_t value) { return static_cast<std::int32_t>(value); }

ChannelCounts since(ChannelCounts now, const ChannelCounts& before) {
  now.add(before, -1);
  return now;
}

}  // namespace

TurnMemo::TurnMemo(const FrfcfsSpec& spec, Parts parts)
    : spec_(spec),
      parts_(parts),
      order_(static_cast<std::size_t>(banks())),
      nodes_(kRestCycles),
      names_(static_cast<std::size_t>(banks())) {
  std::iota(order_.begin(), order_.end(), 0);
}

bool TurnMemo::can_follow(std::int64_t now) const {
  if (nodes_.rests(now) || std::max(spec_.turn, spec_.notice) > kMostTurn) return false;
  const auto fits = [](const RequestQueue& q) {
    return q.empty() || (q.has_stream() && q.stream_length() >= kLeastRememberedBursts &&
                         q.stream_bursts() >= kLeastLeft);
  };
  return fits(queue(0)) && fits(queue(1)) && !(queue(0).empty() && queue(1).empty());
}

std::int64_t TurnMemo::bursts_to_boundary(DramAccess access) const {
  const std::int64_t beyond = queue(index(access)).stream_bursts() % kStride;
  return beyond == 0 ? kStride : beyond;
}

bool TurnMemo::is_boundary(bool turned_to_reads, DramAccess access) const {
  if (both_directions()) return turned_to_reads;
  return queue(index(access)).stream_bursts() % kStride == 0;
}

bool TurnMemo::take_state(const Turn& turn, std::int64_t now) {
  state_.clear();
  names_.clear();
  parts_.timing.append_state(now, order_, state_);
  const auto name = [&](int bank, std::int64_t row) { return names_.name(bank, row); };
  parts_.banks.append_state(now, order_, name, spec_.hit_cap, state_);
  // Beyond the least length of a turn only the distance to its end matters.
  const std::int64_t served = std::min(turn.served, spec_.turn);
  const bool bounded = turn.read_end < INT64_MAX;
  for (std::int64_t value : {static_cast<std::int64_t>(turn.direction), served,
                             bounded ? turn.read_end - turn.served : std::int64_t{kEnd}}) {
    state_.push_back(word(value));
  }
  return take_entries(queue(0)) && take_entries(queue(1));
}

bool TurnMemo::take_entries(const RequestQueue& waiting) {
  for (int slot = waiting.oldest(); slot != RequestQueue::kNone;
       slot = waiting.entry(slot).younger) {
    const RequestQueue::Entry& entry = waiting.entry(slot);
    const std::uint64_t behind = waiting.next_age() - entry.age;
    const std::int32_t name = names_.name(entry.segment.bank, entry.segment.row);
    const bool fits = entry.owner == BurstOwner::kOneRequest && behind < RunLane::kMostBehind &&
                      name < static_cast<std::int32_t>(RowNames::kMostRows);
    if (!fits) return false;
    for (std::int64_t value : {static_cast<std::int64_t>(behind), std::int64_t{entry.segment.bank},
                               std::int64_t{name}, entry.segment.count}) {
      state_.push_back(word(value));
    }
  }
  state_.push_back(kEnd);
  return true;
}

/// The segments that a stretch can load.
bool TurnMemo::take_tape() {
  const std::int64_t need = both_directions() ? std::max(spec_.turn, spec_.notice) : kStride;
  tape_.clear();
  for (RunLane& lane : lanes_) {
    if (!lane.is_active()) continue;
    if (!lane.look_ahead(need)) return false;
    std::int64_t bursts = 0;
    for (auto step = lane.ahead().begin(); bursts < need; ++step) {
      const DramSegment& segment = step->segment;
      const std::int32_t name = names_.name(segment.bank, segment.row);
      if (name == static_cast<std::int32_t>(RowNames::kMostRows)) return false;
      for (std::int64_t value : {std::int64_t{segment.bank}, std::int64_t{name}, segment.count}) {
        tape_.push_back(word(value));
      }
      bursts += segment.count;
    }
    tape_.push_back(kEnd);
  }
  return true;
}

int TurnMemo::node_of_state(std::int64_t now) {
  const auto [node, cleared] = nodes_.find(state_, now);
  if (cleared) interrupt();
  return node;
}

const TurnMemo::Way* TurnMemo::find_way(int node) const {
  for (const Way& way : nodes_.ways(node)) {
    if (way.tape == tape_) return &way;
  }
  return nullptr;
}

void TurnMemo::remember(int node, const Progress& progress, std::int64_t now) {
  if (begin_.node == kNone) return;
  Way way{begin_.tape, node, now - begin_.now, {}, {}, {}, {}};
  for (std::size_t lane : {0u, 1u}) {
    const RequestQueue& waiting = queue(lane);
    const std::uint64_t request = waiting.empty() ? 0 : waiting.stream_request() + 1;
    if (request != begin_.requests[lane]) return;
    if (request == 0) continue;
    way.lanes[lane] = {begin_.bursts_left[lane] - waiting.stream_bursts(),
                       static_cast<std::int64_t>(waiting.next_age() - begin_.ages[lane]),
                       progress.data_end[lane] - now};
    way.caused[lane] = since(progress.caused[lane], begin_.progress.caused[lane]);
  }
  std::vector<Way>& ways = nodes_.ways(begin_.node);
  const bool known = std::any_of(ways.begin(), ways.end(),
                                 [&](const Way& other) { return other.tape == way.tape; });
  if (known || ways.size() >= kMostWays) return;
  way.counted = since(parts_.banks.counts(now), begin_.counts);
  way.names = names_.in_terms_of(begin_.names);
  ways.push_back(std::move(way));
}

void TurnMemo::begin(int node, const Progress& progress, std::int64_t now) {
  begin_.node = node;
  begin_.now = now;
  for (std::size_t lane : {0u, 1u}) {
    const RequestQueue& waiting = queue(lane);
    begin_.requests[lane] = waiting.empty() ? 0 : waiting.stream_request() + 1;
    begin_.bursts_left[lane] = waiting.empty() ? 0 : waiting.stream_bursts();
    begin_.ages[lane] = waiting.next_age();
  }
  begin_.counts = parts_.banks.counts(now);
  begin_.progress = progress;
  begin_.tape = tape_;
  begin_.names = names_;
}

void TurnMemo::apply(const Way& way, Advance& advance, std::int64_t now) {
  advance.cycles += way.cycles;
  for (std::size_t lane : {0u, 1u}) {
    const LaneStep& step = way.lanes[lane];
    advance.bursts[lane] += step.bursts;
    advance.progress.caused[lane] += way.caused[lane];
    if (step.bursts > 0) advance.progress.data_end[lane] = now + advance.cycles + step.end_after;
    if (lanes_[lane].is_active()) lanes_[lane].load(step.segments);
  }
  names_.rename(way.names);
}

TurnMemo::Advance TurnMemo::follow(const Turn& turn, const Progress& progress, std::int64_t now,
                                   std::int64_t limit) {
  Advance advance;
  advance.turn = turn;
  advance.progress.data_end = progress.data_end;
  if (!take_state(turn, now)) {
    interrupt();
    return advance;
  }
  int node = node_of_state(now);
  remember(node, progress, now);
  for (std::size_t lane : {0u, 1u}) lanes_[lane].begin(queue(lane));
  ChannelCounts counted;
  bool has_tape = take_tape();
  while (has_tape) {
    const Way* way = find_way(node);
    if (way == nullptr || now + advance.cycles + way->cycles >= limit) break;
    apply(*way, advance, now);
    counted += way->counted;
    node = way->to;
    has_tape = take_tape();
  }
  if (advance.cycles > 0) put_back(node, now, counted, advance);
  Progress then = progress;
  for (std::size_t lane : {0u, 1u}) then.caused[lane] += advance.progress.caused[lane];
  begin(node, then, now + advance.cycles);
  if (!has_tape) interrupt();
  return advance;
}

void TurnMemo::put_back(int node, std::int64_t now, const ChannelCounts& counted,
                        Advance& advance) {
  const std::vector<std::int32_t>& state = nodes_.state(node);
  const std::int64_t then = now + advance.cycles;
  ChannelCounts counts = parts_.banks.counts(now);
  counts += counted;
  const auto row_of = [&](int bank, std::int32_t name) { return names_.row(bank, name); };
  const std::int32_t* next = parts_.timing.restore_state(then, order_, state.data());
  next = parts_.banks.restore_state(then, order_, row_of, next, counts);
  advance.turn.direction = static_cast<DramAccess>(next[0]);
  advance.turn.served = next[1];
  advance.turn.read_end = next[2] == kEnd ? INT64_MAX : advance.turn.served + next[2];
  next += 3;
  for (std::size_t i : {0u, 1u}) {
    const RunLane& lane = lanes_[i];
    std::vector<RequestQueue::Waiting> waiting;
    for (; *next != kEnd; next += 4) waiting.push_back({lane.loaded(next[0], next[3]), next[0]});
    ++next;
    if (!lane.is_active()) continue;
    queue(i).move_run(advance.bursts[i], lane.loaded(), waiting, lane.last(), lane.position());
  }
}

}  // namespace mxsim
