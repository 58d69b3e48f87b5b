#include "sim/dram/frfcfs_channel.h"

#include <algorithm>
#include <tuple>

#include "models/core/error.h"
#include "models/core/units.h"

namespace mxsim {
namespace {

constexpr std::size_t kNoEntry = SIZE_MAX;

// Among commands that are over at the same time.
constexpr int kRefreshFirst = 0;
constexpr int kThenByAge = 1;

constexpr std::size_t index(DramAccess access) { return static_cast<std::size_t>(access); }

DramCommand column_command(DramAccess access, PagePolicy policy) {
  if (policy == PagePolicy::kClosed) {
    return access == DramAccess::kRead ? DramCommand::kReadAuto : DramCommand::kWriteAuto;
  }
  return access == DramAccess::kRead ? DramCommand::kRead : DramCommand::kWrite;
}

bool is_column(DramCommand command) {
  return command == DramCommand::kRead || command == DramCommand::kWrite ||
         command == DramCommand::kReadAuto || command == DramCommand::kWriteAuto;
}

}  // namespace

FrfcfsChannel::FrfcfsChannel(const DramDevice& device, const AddressMap& map,
                             const FrfcfsSpec& spec, DramStepping stepping, int channel,
                             BurstSink& sink)
    : map_(map),
      spec_(spec),
      // A row that closes with each access cannot serve a train.
      stepping_(device.page_policy == PagePolicy::kClosed ? DramStepping::kBurst : stepping),
      channel_(channel),
      sink_(sink),
      timing_(device),
      banks_(device),
      refresh_(device.refresh, banks_),
      idle_(device),
      reads_(spec.window),
      writes_(spec.window),
      least_gap_(device.least_column_gap_cycles()),
      uniform_columns_(least_gap_ >= std::max(device.self_gap_cycles(DramCommand::kRead),
                                              device.self_gap_cycles(DramCommand::kWrite))),
      has_precharge_all_(device.has(DramCommand::kPrechargeAll)),
      marks_(static_cast<std::size_t>(device.organisation.count(DramLevel::kBank))) {
  for (std::size_t i = 0; i < kDramCommandCount; ++i) {
    bus_cycles_[i] = device.commands[i].bus_cycles;
  }
  for (DramAccess access : {DramAccess::kRead, DramAccess::kWrite}) {
    column_[index(access)] = column_command(access, device.page_policy);
    column_gap_[index(access)] = device.self_gap_cycles(column_[index(access)]);
    data_end_[index(access)] =
        device.burst_cycles +
        (access == DramAccess::kRead ? device.read_latency_cycles : device.write_latency_cycles);
  }
}

void FrfcfsChannel::push(DramAccess access, const DramRun& run, std::uint64_t request,
                         std::int64_t visible) {
  ensure(visible >= now_, "a DRAM request arrived in the past");
  arrivals_.push_back({visible, access, run, request});
}

void FrfcfsChannel::add(const BurstRequest& burst) {
  queue(burst.access).push(map_.decode(map_.burst_of(burst.byte_address)), burst.request);
}

void FrfcfsChannel::advance(std::int64_t until) {
  while (now_ < until) step(until);
}

void FrfcfsChannel::advance_to_room(DramAccess access, std::int64_t until) {
  if (has_room(access)) return;
  while (now_ < until && !has_room(access)) step(until);
  // A slot that a command frees can be taken in the cycle after it.
  if (now_ < until) advance(now_ + 1);
}

void FrfcfsChannel::drain() {
  while (!reads_.empty() || !writes_.empty() || !arrivals_.empty()) step(INT64_MAX);
}

void FrfcfsChannel::step(std::int64_t until) {
  admit_arrivals();
  if (!reads_.empty() || !writes_.empty()) {
    idle_.busy(now_);
  } else if (log_ == nullptr) {
    const std::int64_t arrival = arrivals_.empty() ? until : arrivals_.front().visible;
    now_ += idle_.jump(now_, std::min(until, arrival), timing_, banks_, refresh_);
  }
  refresh_.update(now_);
  choose_direction();
  look();
  std::int64_t horizon = std::min(until, refresh_.next_due());
  if (!arrivals_.empty()) horizon = std::min(horizon, arrivals_.front().visible);
  if (best_.start < horizon) {
    issue(horizon);
  } else {
    now_ = horizon;
  }
}

void FrfcfsChannel::admit_arrivals() {
  while (!arrivals_.empty() && arrivals_.front().visible <= now_) {
    const Arrival& arrival = arrivals_.front();
    const std::int64_t bursts = RunCursor::count_bursts(map_, arrival.run, channel_);
    queue(arrival.access).push(RunCursor(map_, arrival.run, channel_), arrival.request, bursts);
    arrivals_.pop_front();
  }
}

void FrfcfsChannel::choose_direction() {
  bool change = false;
  if (direction_ == DramAccess::kRead) {
    const bool urgent = writes_.level() >= spec_.high_writes && served_in_turn_ >= spec_.turn;
    change = !writes_.empty() && (reads_.empty() || urgent);
  } else {
    const bool enough = writes_.level() <= spec_.low_writes || served_in_turn_ >= spec_.turn;
    change = !reads_.empty() && enough;
  }
  if (!change) return;
  direction_ = direction_ == DramAccess::kRead ? DramAccess::kWrite : DramAccess::kRead;
  served_in_turn_ = 0;
}

void FrfcfsChannel::look() {
  ++look_;
  best_ = Candidate{};
  next_other_end_ = INT64_MAX;
  claims_.clear();
  if (refresh_.any_pending()) look_at_refresh();
  const auto& entries = queue(direction_).entries();
  const std::int64_t reach = bursts_left_in_turn();
  std::int64_t before = 0;
  for (std::size_t i = 0; i < entries.size() && before < reach; ++i) {
    look_at_entry(i);
    before += entries[i].segment.count;
  }
  look_at_claims();
}

std::int64_t FrfcfsChannel::bursts_left_in_turn() const {
  const std::int64_t rest = spec_.turn - served_in_turn_;
  if (direction_ == DramAccess::kRead) {
    return writes_.level() >= spec_.high_writes ? rest : INT64_MAX;
  }
  return reads_.empty() ? INT64_MAX : std::min(rest, writes_.bursts_above(spec_.low_writes));
}

void FrfcfsChannel::look_at_refresh() {
  const DramCommand refresh =
      refresh_.per_bank() ? DramCommand::kRefreshBank : DramCommand::kRefresh;
  for (int rank = 0; rank < banks_.ranks(); ++rank) {
    if (!refresh_.pending(rank)) continue;
    const int target = refresh_.target(rank);
    const int first = refresh_.per_bank() ? target : banks_.first_bank(rank);
    const int count = refresh_.per_bank() ? 1 : banks_.banks_per_rank();
    bool closed = true;
    for (int bank = first; bank < first + count; ++bank) {
      if (banks_.open_row(bank) == BankStates::kClosed) continue;
      closed = false;
      if (count == 1 || !has_precharge_all_) {
        consider(DramCommand::kPrecharge, bank, banks_.open_row(bank), kNoEntry, kRefreshFirst);
      }
    }
    if (closed) {
      consider(refresh, target, 0, kNoEntry, kRefreshFirst);
    } else if (count > 1 && has_precharge_all_) {
      consider(DramCommand::kPrechargeAll, first, 0, kNoEntry, kRefreshFirst);
    }
  }
}

void FrfcfsChannel::look_at_entry(std::size_t position) {
  const DramSegment& segment = queue(direction_).entries()[position].segment;
  const int bank = segment.bank;
  if (refresh_.blocks(bank)) return;
  Mark& mark = marks_[static_cast<std::size_t>(bank)];
  if (mark.look != look_) mark = Mark{look_, false, false, 0};
  const std::int64_t open_row = banks_.open_row(bank);
  if (open_row == segment.row) {
    const bool give_way = mark.claimed && banks_.columns(bank) >= spec_.hit_cap;
    if (mark.hit || give_way) return;
    mark.hit = true;
    consider(column_[index(direction_)], bank, segment.row, position, kThenByAge);
  } else if (!mark.claimed) {
    mark.claimed = true;

    mark.position = position;
    if (open_row == BankStates::kClosed) {
      consider(DramCommand::kActivate, bank, segment.row, position, kThenByAge);
    } else {
      claims_.push_back(bank);
    }
  }
}

void FrfcfsChannel::look_at_claims() {
  for (int bank : claims_) {
    const Mark& mark = marks_[static_cast<std::size_t>(bank)];
    if (mark.hit) continue;
    consider(DramCommand::kPrecharge, bank, banks_.open_row(bank), mark.position, kThenByAge);
  }
}

void FrfcfsChannel::consider(DramCommand command, int bank, std::int64_t row, std::size_t position,
                             int priority) {
  const std::int64_t start = std::max(now_, timing_.earliest_start(command, bank));
  const std::int64_t end = start + bus_cycles_[index(command)];
  const bool first = end != best_.end
                         ? end < best_.end
                         : std::tie(priority, position) < std::tie(best_.priority, best_.position);
  if (!first) {
    // Behind an older column command a younger one of the same kind can tie, never win.
    const bool tail = uniform_columns_ && is_column(command) && is_column(best_.command) &&
                      position > best_.position;
    if (!tail) next_other_end_ = std::min(next_other_end_, end);
    return;
  }
  next_other_end_ = std::min(next_other_end_, best_.end);
  best_ = {command, bank, row, position, start, end, priority};
}

std::int64_t FrfcfsChannel::train_length(std::int64_t horizon) const {
  const RequestQueue& own = direction_ == DramAccess::kRead ? reads_ : writes_;
  if (stepping_ == DramStepping::kBurst) return 1;
  // An older or younger claim on this bank may win it at a column count.
  if (marks_[static_cast<std::size_t>(best_.bank)].claimed) return 1;
  const std::int64_t end = std::min(horizon, next_other_end_ - (best_.end - best_.start));
  std::int64_t count =
      ceil_div(std::max<std::int64_t>(1, end - best_.start), column_gap_[index(direction_)]);
  count = std::min(count, own.entries()[best_.position].segment.count);
  count = std::min(count, own.steady_bursts());
  // Until this turn no longer reaches the entry, it reaches every older one too.
  std::int64_t reach = bursts_left_in_turn();
  for (std::size_t i = 0; i < best_.position; ++i) reach -= own.entries()[i].segment.count;
  count = std::min(count, reach);
  return std::max<std::int64_t>(1, count);
}

void FrfcfsChannel::issue(std::int64_t horizon) {
  now_ = best_.start;
  if (is_column(best_.command)) return issue_column(horizon);
  timing_.issue(best_.command, best_.bank, now_);
  const std::int64_t cycle = now_ + bus_cycles_[index(best_.command)] - 1;
  if (best_.position != kNoEntry) {
    sink_.caused({queue(direction_).entries()[best_.position].request, best_.command});
  }
  banks_.apply(best_.command, best_.bank, best_.row, cycle);
  record(cycle, 0, 1);
  const bool refreshed =
      best_.command == DramCommand::kRefresh || best_.command == DramCommand::kRefreshBank;
  if (refreshed) refresh_.done(banks_.rank_of(best_.bank));
}

void FrfcfsChannel::issue_column(std::int64_t horizon) {
  const std::int64_t count = train_length(horizon);
  const std::int64_t gap = column_gap_[index(direction_)];
  timing_.issue_train(best_.command, best_.bank, now_, gap, count);
  const std::int64_t first = now_ + bus_cycles_[index(best_.command)] - 1;
  const std::int64_t last = first + (count - 1) * gap;
  const RequestQueue::Entry& entry = queue(direction_).entries()[best_.position];
  sink_.caused(column_cost(entry.request, count));
  banks_.apply(best_.command, best_.bank, best_.row, last, count);
  record(first, gap, count);
  const ServedBursts served{
      entry.request, direction_, entry.owner, count, first + data_end_[index(direction_)], gap};
  queue(direction_).serve(best_.position, count);
  served_in_turn_ += count;
  now_ += (count - 1) * gap;
  sink_.served(served);
}

/// Of the next `count` column commands.
CausedCommands FrfcfsChannel::column_cost(std::uint64_t request, std::int64_t count) const {
  CausedCommands cost{request, best_.command, count, count, 0, 0};
  if (banks_.columns(best_.bank) > 0) return cost;
  --cost.row_hits;
  ++(banks_.conflict(best_.bank) ? cost.row_conflicts : cost.row_empty);
  return cost;
}

void FrfcfsChannel::record(std::int64_t first, std::int64_t gap, std::int64_t count) {
  if (log_ == nullptr) return;
  const std::int64_t burst =
      is_column(best_.command) ? queue(direction_).entries()[best_.position].segment.burst : 0;
  for (std::int64_t i = 0; i < count; ++i) {
    log_->record({first + i * gap, channel_, best_.command, best_.bank, best_.row, burst + i});
  }
}

void FrfcfsChannel::for_each_bound(const BoundVisitor& visit) const {
  for (DramAccess access : {DramAccess::kRead, DramAccess::kWrite}) {
    const RequestQueue& waiting = access == DramAccess::kRead ? reads_ : writes_;
    const std::int64_t data_end = data_end_[static_cast<std::size_t>(access)];
    waiting.for_each_bound([&](std::uint64_t request, std::int64_t bursts) {
      visit(request, now_ + (bursts - 1) * least_gap_ + data_end);
    });
  }
  for (const Arrival& arrival : arrivals_) {
    const std::int64_t data_end = data_end_[static_cast<std::size_t>(arrival.access)];
    visit(arrival.request, arrival.visible + data_end);
  }
}

}  // namespace mxsim
