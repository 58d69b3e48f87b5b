#include "sim/dram/bank_queue_channel.h"

#include <fmt/format.h>

#include <algorithm>

#include "models/core/error.h"

namespace mxsim {
namespace {

/// DRAMsim3 gives every command one cycle of the bus, whatever its length.
DramDevice with_short_commands(DramDevice device) {
  for (CommandSpec& spec : device.commands)
    spec.bus_cycles = std::min<std::int64_t>(1, spec.bus_cycles);
  return device;
}

}  // namespace

BankQueueChannel::BankQueueChannel(const DramDevice& device, const AddressMap& map,
                                   const BankQueueSpec& spec, int channel, BurstSink& sink)
    : map_(map),
      spec_(spec),
      page_policy_(device.page_policy),
      channel_(channel),
      sink_(sink),
      two_buses_(device.command(DramCommand::kRead).bus !=
                 device.command(DramCommand::kActivate).bus),
      read_end_(device.read_latency_cycles + device.burst_cycles),
      write_end_(device.write_latency_cycles + device.burst_cycles),
      timing_(with_short_commands(device)),
      banks_(device),
      refresh_(device.refresh, banks_),
      idle_refresh_(device, timing_, banks_, refresh_),
      watch_(device),
      queues_(static_cast<std::size_t>(device.organisation.count(DramLevel::kBank))) {}

bool BankQueueChannel::has_room(DramAccess access) const {
  return (access == DramAccess::kRead ? reads_ : writes_).size() < spec_.transactions;
}

void BankQueueChannel::add(const BurstRequest& burst) {
  if (queued_ == 0 && reads_.empty()) watch_.rest(now_);
  idle_ = false;
  const std::int64_t number = map_.burst_of(burst.byte_address);
  const ServedBursts at_once{
      burst.request, burst.access, BurstOwner::kEachItsOwn, 1, now_ + 1, 0, BurstSource::kQueue};
  const bool closing = page_policy_ == PagePolicy::kClosed;
  const bool written = pending_writes_.contains(burst.byte_address);
  if (burst.access == DramAccess::kWrite) {
    sink_.served(at_once);
    if (written) return;
    pending_writes_.emplace(burst.byte_address, burst.request);
    writes_.push_back({closing ? DramCommand::kWriteAuto : DramCommand::kWrite, burst.byte_address,
                       map_.decode(number)});
    return;
  }
  if (written) return sink_.served(at_once);
  auto& waiting = pending_reads_[burst.byte_address];
  waiting.push_back(burst.request);
  if (waiting.size() > 1) return;
  reads_.push_back({closing ? DramCommand::kReadAuto : DramCommand::kRead, burst.byte_address,
                    map_.decode(number)});
}

void BankQueueChannel::advance(std::int64_t until) {
  while (now_ < until) {
    rest(until);
    if (now_ < until) tick();
  }
}

void BankQueueChannel::rest(std::int64_t until) {
  const bool empty = queued_ == 0 && reads_.empty() && writes_.empty();
  if (!empty) {
    idle_refresh_.busy(now_);
  } else if (log_ == nullptr) {
    now_ += idle_refresh_.jump(now_, until);
  }
  if (idle_) now_ = std::min({until, next_useful_cycle(), idle_refresh_.horizon()});
  if (now_ == idle_refresh_.horizon()) now_ += idle_refresh_.jump(now_, until);
}

void BankQueueChannel::advance_to_room(DramAccess access, std::int64_t until) {
  while (now_ < until && !has_room(access)) {
    rest(until);
    if (now_ < until) tick();
  }
}

void BankQueueChannel::drain() {
  flushing_ = true;
  idle_ = false;
  while (queued_ > 0 || !reads_.empty() || !writes_.empty()) {
    if (idle_) now_ = next_useful_cycle();
    tick();
  }
  flushing_ = false;
}

void BankQueueChannel::end_if_stuck() {
  // Writes alone may wait for more of them.
  if (queued_ == 0 && reads_.empty()) return watch_.rest(now_);
  if (!watch_.is_stuck(now_)) return;
  throw InternalError(fmt::format(
      "DRAM channel {}: no data command for {} cycles, {} reads and {} writes wait and {} accesses "
      "in queues of banks{}",
      channel_, watch_.most_cycles(), reads_.size(), writes_.size(), queued_,
      refresh_order_.empty()
          ? ""
          : fmt::format("; rank {} waits for its refresh", refresh_order_.front())));
}

void BankQueueChannel::tick() {
  end_if_stuck();
  if (now_ >= refresh_.next_due()) note_due_refreshes();
  std::optional<Command> command;
  if (!refresh_order_.empty()) command = refresh_command();
  if (!command) command = next_command();
  idle_ = !command;
  if (command) {
    issue(*command);
    if (two_buses_) {
      const auto second = next_command();
      if (second && is_column(second->command) != is_column(command->command)) issue(*second);
    }
  }
  if (move_transaction()) idle_ = false;
  ++now_;
}

void BankQueueChannel::note_due_refreshes() {
  std::vector<bool> before;
  for (int rank = 0; rank < banks_.ranks(); ++rank) before.push_back(refresh_.pending(rank));
  refresh_.update(now_);
  for (int rank = 0; rank < banks_.ranks(); ++rank) {
    if (refresh_.pending(rank) && !before[static_cast<std::size_t>(rank)]) {
      refresh_order_.push_back(rank);
    }
  }
}

std::int64_t BankQueueChannel::next_useful_cycle() const {
  std::int64_t next = refresh_.next_due();
  const auto consider = [&](DramCommand command, int bank) {
    const std::int64_t time = timing_.earliest_time(command, bank);
    if (time >= now_) next = std::min(next, time);
  };
  for (const auto& queue : queues_) {
    for (const Access& access : queue) consider(required(access), access.place.bank);
  }
  if (!refresh_order_.empty()) {
    const int first = banks_.first_bank(refresh_order_.front());
    for (int bank = first; bank < first + banks_.banks_per_rank(); ++bank) {
      const bool closed = banks_.open_row(bank) == BankStates::kClosed;
      consider(closed ? DramCommand::kRefresh : DramCommand::kPrecharge, bank);
    }
  }
  return std::max(next, now_);
}

std::optional<BankQueueChannel::Command> BankQueueChannel::refresh_command() const {
  const int first = banks_.first_bank(refresh_order_.front());
  bool all_ready = true;
  for (int bank = first; bank < first + banks_.banks_per_rank(); ++bank) {
    if (banks_.open_row(bank) == BankStates::kClosed) {
      all_ready = all_ready && ready(DramCommand::kRefresh, bank);
    } else if (ready(DramCommand::kPrecharge, bank)) {
      return Command{DramCommand::kPrecharge, bank, 0, 0, 0, 0};
    } else {
      all_ready = false;
    }
  }
  if (!all_ready) return std::nullopt;
  return Command{DramCommand::kRefresh, first, 0, 0, 0, 0};
}

std::optional<BankQueueChannel::Command> BankQueueChannel::next_command() {
  for (std::size_t i = 0; i < queues_.size(); ++i) {
    last_queue_ = last_queue_ + 1 == queues_.size() ? 0 : last_queue_ + 1;
    const Accesses& queue = queues_[last_queue_];
    if (queue.empty()) continue;
    const int rank = banks_.rank_of(static_cast<int>(last_queue_));
    if (!refresh_order_.empty() && refresh_order_.front() == rank) continue;
    for (std::size_t position = 0; position < queue.size(); ++position) {
      const Access& access = queue[position];
      const DramCommand needed = required(access);
      if (!ready(needed, access.place.bank)) continue;
      if (needed == DramCommand::kPrecharge && !may_precharge(queue, position)) continue;
      if (is_write(needed) && read_before(queue, position)) continue;
      return Command{
          needed,  access.place.bank, access.place.row, access.place.burst, access.byte_address,
          position};
    }
  }
  return std::nullopt;
}

bool BankQueueChannel::may_precharge(const Accesses& queue, std::size_t position) const {
  if (position != 0) return false;
  const int bank = queue.front().place.bank;
  const std::int64_t open_row = banks_.open_row(bank);
  const bool hits = std::any_of(queue.begin(), queue.end(),
                                [&](const Access& a) { return a.place.row == open_row; });
  return !hits || banks_.columns(bank) >= spec_.hit_limit;
}

bool BankQueueChannel::read_before(const Accesses& queue, std::size_t position) const {
  const DramAddress& place = queue[position].place;
  return std::any_of(queue.begin(), queue.begin() + static_cast<std::ptrdiff_t>(position),
                     [&](const Access& a) { return is_read(a.column) && a.place == place; });
}

DramCommand BankQueueChannel::required(const Access& access) const {
  const std::int64_t open_row = banks_.open_row(access.place.bank);
  if (open_row == BankStates::kClosed) return DramCommand::kActivate;
  return open_row == access.place.row ? access.column : DramCommand::kPrecharge;
}

bool BankQueueChannel::ready(DramCommand command, int bank) const {
  return timing_.earliest_time(command, bank) <= now_;
}

void BankQueueChannel::issue(const Command& command) {
  timing_.issue(command.command, command.bank, now_);
  banks_.apply(command.command, command.bank, command.row, now_);
  if (log_ != nullptr) {
    log_->record({now_, channel_, command.command, command.bank, command.row, command.burst});
  }
  if (is_column(command.command)) {
    Accesses& queue = queues_[static_cast<std::size_t>(command.bank)];
    queue.erase(queue.begin() + static_cast<std::ptrdiff_t>(command.position));
    --queued_;
    return complete(command);
  }
  if (command.command != DramCommand::kRefresh) return;
  refresh_.done(refresh_order_.front());
  refresh_order_.pop_front();
}

void BankQueueChannel::complete(const Command& command) {
  watch_.rest(now_);
  if (is_write(command.command)) {
    pending_writes_.erase(command.byte_address);
    return sink_.moved(now_ + write_end_);
  }
  const auto waiting = pending_reads_.find(command.byte_address);
  ensure(waiting != pending_reads_.end(), "a DRAM read nobody waits for");
  BurstSource source = BurstSource::kDevice;
  for (std::uint64_t request : waiting->second) {
    sink_.served(
        {request, DramAccess::kRead, BurstOwner::kEachItsOwn, 1, now_ + read_end_, 0, source});
    source = BurstSource::kQueue;
  }
  pending_reads_.erase(waiting);
}

bool BankQueueChannel::move_transaction() {
  const bool starts = draining_ == 0;
  if (starts) {
    const bool full = writes_.size() >= spec_.transactions;
    const std::size_t enough = flushing_ && reads_.empty() ? 0 : spec_.early_drain;
    if (full || (writes_.size() > enough && queued_ == 0)) draining_ = writes_.size();
  }
  if (draining_ == 0) return move_to_bank(reads_, first_movable(reads_));
  const auto write = first_movable(writes_);
  if (write == writes_.end() || !pending_reads_.contains(write->byte_address)) {
    if (write != writes_.end()) --draining_;
    return move_to_bank(writes_, write);
  }
  draining_ = 0;
  // The read that it waits for is not in a bank's queue: DRAMsim3 would wait forever.
  if (starts && queued_ == 0) move_to_bank(reads_, first_movable(reads_));
  return true;
}

BankQueueChannel::Accesses::iterator BankQueueChannel::first_movable(Accesses& waiting) {
  return std::find_if(waiting.begin(), waiting.end(), [this](const Access& access) {
    return queues_[static_cast<std::size_t>(access.place.bank)].size() < spec_.bank_commands;
  });
}

bool BankQueueChannel::move_to_bank(Accesses& waiting, Accesses::iterator access) {
  if (access == waiting.end()) return false;
  queues_[static_cast<std::size_t>(access->place.bank)].push_back(*access);
  ++queued_;
  waiting.erase(access);
  return true;
}

}  // namespace mxsim
