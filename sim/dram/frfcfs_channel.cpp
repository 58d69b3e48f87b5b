#include "sim/dram/frfcfs_channel.h"

#include <algorithm>

#include "models/core/error.h"
#include "models/core/units.h"

namespace mxsim {
namespace {

DramCommand column_command(DramAccess access, PagePolicy policy) {
  if (policy == PagePolicy::kClosed) {
    return access == DramAccess::kRead ? DramCommand::kReadAuto : DramCommand::kWriteAuto;
  }
  return access == DramAccess::kRead ? DramCommand::kRead : DramCommand::kWrite;
}

std::size_t bank_count(const DramDevice& device) {
  return static_cast<std::size_t>(device.organisation.count(DramLevel::kBank));
}

}  // namespace

FrfcfsChannel::FrfcfsChannel(const DramDevice& device, const AddressMap& map,
                             const FrfcfsSpec& spec, DramStepping stepping, int channel,
                             BurstSink& sink)
    : map_(map),
      spec_(spec),
      // A row that closes with each access cannot serve a train.
      stepping_(device.page_policy == PagePolicy::kClosed ? DramStepping::kBurst : stepping),
      page_policy_(device.page_policy),
      page_timeout_(device.page_timeout_cycles),
      power_down_(device.power_down),
      channel_(channel),
      sink_(sink),
      timing_(device),
      banks_(device),
      refresh_(device.refresh, banks_),
      idle_(device, timing_, banks_, refresh_),
      watch_(device),
      memo_(device, map, channel, {timing_, banks_}),
      turn_memo_(spec_, {timing_, banks_, {&reads_, &writes_}}),
      remembers_(stepping == DramStepping::kRun && page_policy_ != PagePolicy::kTimeout &&
                 power_down_.mode == PowerDownMode::kNone),
      reads_(spec.window, bank_count(device)),
      writes_(spec.window, bank_count(device)),
      least_gap_(device.least_column_gap_cycles()),
      uniform_columns_(least_gap_ >= std::max(device.self_gap_cycles(DramCommand::kRead),
                                              device.self_gap_cycles(DramCommand::kWrite))),
      has_precharge_all_(device.has(DramCommand::kPrechargeAll)) {
  for (std::size_t i = 0; i < kDramCommandCount; ++i) {
    bus_cycles_[i] = device.commands[i].bus_cycles;
  }
  for (DramAccess access : {DramAccess::kRead, DramAccess::kWrite}) {
    column_[index(access)] = column_command(access, device.page_policy);
    column_gap_[index(access)] = device.self_gap_cycles(column_[index(access)]);
    data_end_[index(access)] =
        device.burst_cycles +
        (access == DramAccess::kRead ? device.read_latency_cycles : device.write_latency_cycles);
    wants_.emplace_back(queue(access), banks_, column_[index(access)], spec.hit_cap);
  }
}

void FrfcfsChannel::push(DramAccess access, const DramRun& run, std::int64_t bursts,
                         std::uint64_t request, std::int64_t visible) {
  ensure(visible >= now_, "a DRAM request arrived in the past");
  arrivals_.push_back({visible, access, run, bursts, request});
}

void FrfcfsChannel::add(const BurstRequest& burst) {
  if (reads_.empty() && writes_.empty()) watch_.rest(now_);
  const std::int64_t number = map_.burst_of(burst.byte_address);
  const DramAddress place = map_.decode(number);
  const auto line = static_cast<std::int32_t>(
      (burst.byte_address - (number << map_.burst_shift())) / BurstRequest::kLineBytes);
  const bool covered = !writes_.empty() && writes_.find(place, line) != RequestQueue::kNone;
  if (covered && spec_.forwarding) {
    sink_.served({burst.request, burst.access, BurstOwner::kEachItsOwn, 1, now_ + 1, 0,
                  BurstSource::kQueue});
    return;
  }
  if (burst.access == DramAccess::kWrite && !reads_.empty()) {
    const int slot = reads_.find(place, line);
    if (slot != RequestQueue::kNone) {
      reads_first_ = std::max(reads_first_, reads_.entry(slot).age);
    }
  }
  queue(burst.access).push(place, line, burst.request);
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
  end_if_stuck();
  admit_arrivals();
  std::int64_t horizon = until;
  if (!arrivals_.empty()) horizon = std::min(horizon, arrivals_.front().visible);
  if (!reads_.empty() || !writes_.empty()) {
    idle_.busy(now_);
  } else if (log_ == nullptr) {
    const std::int64_t jump = idle_.jump(now_, horizon);
    now_ += jump;
    if (jump > 0) best_holds_ = false;
    horizon = std::min(horizon, idle_.horizon());
  }
  if (now_ >= refresh_.next_due()) {
    refresh_.update(now_);
    best_holds_ = false;
  }
  choose_direction();
  if (remembers_ && log_ == nullptr) follow_runs(horizon);
  if (!look_at_changes()) look();
  horizon = std::min(horizon, refresh_.next_due());
  if (best_.start < horizon) {
    issue(horizon);
  } else {
    now_ = horizon;
    after_column_ = false;
  }
}

void FrfcfsChannel::admit_arrivals() {
  while (!arrivals_.empty() && arrivals_.front().visible <= now_) {
    const Arrival& arrival = arrivals_.front();
    queue(arrival.access)
        .push(RunCursor(map_, arrival.run, channel_), arrival.run, arrival.request, arrival.bursts);
    arrivals_.pop_front();
  }
}

bool FrfcfsChannel::reads_must_go_first() const {
  return !reads_.empty() && reads_.entry(reads_.oldest()).age <= reads_first_;
}

void FrfcfsChannel::choose_direction() {
  bound_read_turn();
  turned_to_reads_ = false;
  if (!turn_is_over()) return;
  direction_ = direction_ == DramAccess::kRead ? DramAccess::kWrite : DramAccess::kRead;
  turned_to_reads_ = direction_ == DramAccess::kRead;
  served_in_turn_ = 0;
  read_turn_end_ = INT64_MAX;
  best_holds_ = false;
  bound_read_turn();
}

void FrfcfsChannel::bound_read_turn() {
  if (direction_ != DramAccess::kRead || writes_.level() < spec_.high_writes) return;
  read_turn_end_ = std::min(read_turn_end_, std::max(spec_.turn, served_in_turn_ + spec_.notice));
}

bool FrfcfsChannel::turn_is_over() const {
  if (direction_ == DramAccess::kRead) {
    const bool over = reads_.empty() || served_in_turn_ >= read_turn_end_;
    return !writes_.empty() && over && !reads_must_go_first();
  }
  const bool enough = writes_.level() <= spec_.low_writes || served_in_turn_ >= spec_.turn;
  return !reads_.empty() && (enough || reads_must_go_first());
}

std::int64_t FrfcfsChannel::bursts_left_in_turn() const {
  if (direction_ == DramAccess::kRead) {
    const bool bounded = read_turn_end_ < INT64_MAX && !reads_must_go_first();
    return bounded ? read_turn_end_ - served_in_turn_ : INT64_MAX;
  }
  if (reads_.empty()) return INT64_MAX;
  return std::min(spec_.turn - served_in_turn_, writes_.bursts_above(spec_.low_writes));
}

void FrfcfsChannel::issue(std::int64_t horizon) {
  now_ = best_.start;
  best_holds_ = false;
  after_column_ = is_column(best_.command);
  if (is_column(best_.command)) return issue_column(horizon);
  timing_.issue(best_.command, best_.bank, now_);
  if (best_.command == DramCommand::kActivate) memo_.activated(best_.bank);
  const std::int64_t cycle = now_ + bus_cycles_[mxsim::index(best_.command)] - 1;
  if (best_.slot != RequestQueue::kNone) {
    sink_.caused({queue(best_.access).entry(best_.slot).request, best_.command});
    ++progress_.caused[index(best_.access)].commands[mxsim::index(best_.command)];
  }
  banks_.apply(best_.command, best_.bank, best_.row, cycle);
  banks_changed(best_.command, best_.bank);
  record(cycle, 0, 1);
  const bool refreshed =
      best_.command == DramCommand::kRefresh || best_.command == DramCommand::kRefreshBank;
  if (refreshed) refresh_.done(banks_.rank_of(best_.bank));
}

void FrfcfsChannel::issue_column(std::int64_t horizon) {
  const RequestQueue::Entry entry = own_queue().entry(best_.slot);
  const bool stops = stepping_ == DramStepping::kBurst || own_wants().of(best_.bank).contested;
  const bool chains = !stops && may_chain(entry);
  std::int64_t count = stops ? 1 : entry_bursts();
  const std::int64_t most = count > 1 || chains ? bursts_before_others(horizon) : 1;
  count = std::min(count, most);
  const std::int64_t gap = column_gap_[index(direction_)];
  const std::int64_t first = now_ + bus_cycles_[mxsim::index(best_.command)] - 1;
  record(first, gap, count);
  int next = entry.younger;
  serve(count);
  while (chains && count < most && continues(entry.request, next)) {
    next = own_queue().entry(best_.slot).younger;
    const std::int64_t more = std::min(entry_bursts(), most - count);
    serve(more);
    count += more;
  }
  column_issued(entry, first, gap, count);
}

/// What `count` column commands, the first at time `first`, leave behind and whom they served.
void FrfcfsChannel::column_issued(const RequestQueue::Entry& entry, std::int64_t first,
                                  std::int64_t gap, std::int64_t count) {
  timing_.issue_train(best_.command, best_.bank, now_, gap, count);
  const CausedCommands cost = column_cost(entry.request, count);
  sink_.caused(cost);
  ChannelCounts& caused = progress_.caused[index(direction_)];
  caused.commands[mxsim::index(best_.command)] += count;
  caused.row_hits += cost.row_hits;
  caused.row_empty += cost.row_empty;
  caused.row_conflicts += cost.row_conflicts;
  banks_.apply(best_.command, best_.bank, best_.row, first + (count - 1) * gap, count);
  banks_changed(best_.command, best_.bank);
  const ServedBursts served{
      entry.request, direction_,          entry.owner, count, first + data_end_[index(direction_)],
      gap,           BurstSource::kDevice};
  progress_.data_end[index(direction_)] = served.last_end_cycle();
  now_ += (count - 1) * gap;
  watch_.rest(now_);
  sink_.served(served);
}

void FrfcfsChannel::serve(std::int64_t count) {
  own_wants().serve(best_.bank, count);
  queue(direction_).serve(best_.slot, count);
  served_in_turn_ += count;
}

/// Of the next `count` column commands.
CausedCommands FrfcfsChannel::column_cost(std::uint64_t request, std::int64_t count) const {
  CausedCommands cost{request, best_.command, count, count, 0, 0};
  if (banks_.columns(best_.bank) > 0) return cost;
  --cost.row_hits;
  ++(banks_.conflict(best_.bank) ? cost.row_conflicts : cost.row_empty);
  return cost;
}

void FrfcfsChannel::banks_changed(DramCommand command, int bank) {
  int first = bank;
  int count = 1;
  // One more access to an open row matters only where another row is waited for.
  const bool same = command == DramCommand::kRead || command == DramCommand::kWrite;
  if (command == DramCommand::kPrechargeAll) {
    first = banks_.first_bank(banks_.rank_of(bank));
    count = banks_.banks_per_rank();
  }
  for (BankWants& wants : wants_) {
    if (same && !wants.of(bank).contested) continue;
    for (int b = first; b < first + count; ++b) wants.bank_changed(b);
  }
}

std::int64_t FrfcfsChannel::entry_bursts() const {
  const RequestQueue& own = own_queue();
  std::int64_t count = std::min(own.entry(best_.slot).segment.count, own.steady_bursts());
  count = std::min(count, bursts_left_in_turn());
  if (following_) count = std::min(count, memo_.bursts_to_stop(own));
  if (turn_following_ && !turn_memo_.both_directions()) {
    count = std::min(count, turn_memo_.bursts_to_boundary(direction_));
  }
  return std::max<std::int64_t>(1, count);
}

std::int64_t FrfcfsChannel::bursts_before_others(std::int64_t horizon) {
  const std::int64_t length = best_.end - best_.start;
  const std::int64_t end = std::min(horizon, next_other_end(horizon + length) - length);
  return ceil_div(std::max<std::int64_t>(1, end - best_.start), column_gap_[index(direction_)]);
}

bool FrfcfsChannel::may_chain(const RequestQueue::Entry& entry) const {
  return remembers_ && log_ == nullptr && !following_ && !turn_following_ && spec_.activate_ahead &&
         entry.owner == BurstOwner::kOneRequest && bursts_left_in_turn() == INT64_MAX;
}

bool FrfcfsChannel::continues(std::uint64_t request, int next) {
  const std::vector<int>& changed = own_wants().changed();
  if (!changed.empty()) {
    if (next == RequestQueue::kNone || changed.size() > 1 || changed.front() != best_.bank) {
      return false;
    }
    own_wants().update();
    const BankWant& want = own_wants().of(best_.bank);
    const bool hits = want.slot == next && want.command == best_.command && !want.contested;
    if (!hits || own_queue().entry(next).request != request) return false;
    best_.slot = next;
    best_.age = want.age;
  }
  return bursts_left_in_turn() == INT64_MAX && !turn_is_over();
}

void FrfcfsChannel::record(std::int64_t first, std::int64_t gap, std::int64_t count) {
  if (log_ == nullptr) return;
  const std::int64_t burst =
      is_column(best_.command) ? own_queue().entry(best_.slot).segment.burst : 0;
  for (std::int64_t i = 0; i < count; ++i) {
    log_->record({first + i * gap, channel_, best_.command, best_.bank, best_.row, burst + i});
  }
}

void FrfcfsChannel::for_each_bound(const BoundVisitor& visit) const {
  for (DramAccess access : {DramAccess::kRead, DramAccess::kWrite}) {
    const RequestQueue& waiting = access == DramAccess::kRead ? reads_ : writes_;
    const std::int64_t data_end = data_end_[index(access)];
    waiting.for_each_bound([&](std::uint64_t request, std::int64_t bursts) {
      visit(request, now_ + (bursts - 1) * least_gap_ + data_end);
    });
  }
  for (const Arrival& arrival : arrivals_) {
    const std::int64_t data_end = data_end_[index(arrival.access)];
    visit(arrival.request, arrival.visible + data_end);
  }
}

}  // namespace mxsim
