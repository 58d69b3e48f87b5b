#include "sim/dram/dram_controller.h"

#include <algorithm>
#include <tuple>

#include "models/core/error.h"
#include "sim/dram/frfcfs_channel.h"
#include "sim/dram/ideal_channel.h"

namespace mxsim {

DramController::DramController(const sc_core::sc_module_name& name, const DramDevice& device,
                               const FrfcfsSpec& spec, DramStepping stepping)
    : sc_module(name), device_(device), clock_(device.clock_hz), map_(device_) {
  ensure(validate(device_).empty(), "a DRAM controller needs a valid device");
  BurstSink& sink = *this;
  for (int channel = 0; channel < map_.channels(); ++channel) {
    if (device_.ideal) {
      channels_.push_back(std::make_unique<IdealChannel>(device_, sink));
    } else {
      channels_.push_back(
          std::make_unique<FrfcfsChannel>(device_, map_, spec, stepping, channel, sink));
    }
  }
  SC_METHOD(run);
  sensitive << wake_;
  dont_initialize();
}

void DramController::listen(std::uint32_t client, DramListener& listener) {
  const bool fresh = listeners_.emplace(client, &listener).second;
  ensure(fresh, "two users of a DRAM port share a client number");
}

void DramController::log_to(CommandLog* log) {
  for (const auto& channel : channels_) channel->log_to(log);
}

void DramController::submit(const DramRequest& request) {
  ensure(listeners_.contains(request.client), "a DRAM request has no listener");
  const std::int64_t arrival = clock_.first_cycle_from(sc_core::sc_time_stamp()).count();
  inbox_.push_back({request, arrival});
  wake_.notify(clock_.until(Cycles(arrival + 1)));
}

void DramController::run() {
  const std::int64_t now = clock_.now().count();
  accept_until(now);
  advance_channels(now);
  complete(now);
  sleep();
}

void DramController::accept_until(std::int64_t cycle) {
  const auto due = std::stable_partition(inbox_.begin(), inbox_.end(),
                                         [&](const auto& s) { return s.arrival < cycle; });
  std::stable_sort(inbox_.begin(), due, [](const Submitted& a, const Submitted& b) {
    return std::tie(a.arrival, a.request.client) < std::tie(b.arrival, b.request.client);
  });
  for (auto it = inbox_.begin(); it != due; ++it) accept(*it);
  inbox_.erase(inbox_.begin(), due);
}

void DramController::accept(const Submitted& submitted) {
  const DramRequest& request = submitted.request;
  const std::uint32_t slot = free_slot();
  Account& account = accounts_[request.account];
  Active& active = active_[slot];
  active = {request, submitted.arrival, 0, 0, 0, true, &account};
  const std::vector<std::int64_t> bursts = RunCursor::count_bursts(map_, request.run);
  for (std::size_t channel = 0; channel < channels_.size(); ++channel) {
    if (bursts[channel] == 0) continue;
    active.bursts_left += bursts[channel];
    channels_[channel]->push(request.access, request.run, bursts[channel], slot,
                             submitted.arrival + 1);
  }
  if (outstanding_++ == 0) busy_since_ = submitted.arrival;
  const Bytes moved(active.bursts_left * device_.organisation.burst_bytes);
  if (request.access == DramAccess::kRead) {
    ++stats_.read_requests;
    stats_.read_payload += request.run.payload();
    stats_.read_moved += moved;
    account.read_moved += moved;
  } else {
    ++stats_.write_requests;
    stats_.write_payload += request.run.payload();
    stats_.write_moved += moved;
    account.write_moved += moved;
  }
}

std::uint32_t DramController::free_slot() {
  const auto free = std::find_if(active_.begin(), active_.end(), [](auto& a) { return !a.used; });
  const auto slot = static_cast<std::uint32_t>(free - active_.begin());
  if (free == active_.end()) active_.emplace_back();
  return slot;
}

void DramController::advance_channels(std::int64_t until) {
  for (const auto& channel : channels_) channel->advance(until);
}

void DramController::served(const ServedBursts& bursts) {
  Active& active = active_[bursts.request];
  active.bursts_left -= bursts.count;
  active.end_cycle = std::max(active.end_cycle, bursts.last_end_cycle());
}

void DramController::caused(const CausedCommands& commands) {
  ChannelCounts& counts = active_[commands.request].account->channels;
  counts.commands[index(commands.command)] += commands.count;
  counts.row_hits += commands.row_hits;
  counts.row_empty += commands.row_empty;
  counts.row_conflicts += commands.row_conflicts;
}

void DramController::complete(std::int64_t cycle) {
  std::vector<Active> done;
  for (Active& active : active_) {
    if (!active.used || active.bursts_left > 0 || active.end_cycle > cycle) continue;
    ensure(active.end_cycle == cycle, "a DRAM request ended unseen");
    active.used = false;
    done.push_back(active);
  }
  std::sort(done.begin(), done.end(), [](const Active& a, const Active& b) {
    return std::tie(a.request.client, a.request.id) < std::tie(b.request.client, b.request.id);
  });
  for (const Active& active : done) {
    if (active.request.access == DramAccess::kRead) {
      stats_.read_latency_sum += Cycles(active.end_cycle - active.arrival);
    }
    if (--outstanding_ == 0) stats_.busy += Cycles(cycle - busy_since_);
    listeners_.at(active.request.client)->dram_done(active.request.id);
  }
}

void DramController::sleep() {
  for (Active& active : active_) active.bound = active.end_cycle;
  for (const auto& channel : channels_) {
    channel->for_each_bound([this](std::uint64_t request, std::int64_t cycle) {
      active_[request].bound = std::max(active_[request].bound, cycle);
    });
  }
  std::int64_t next = INT64_MAX;
  for (const Active& active : active_) {
    if (active.used) next = std::min(next, active.bound);
  }
  for (const Submitted& submitted : inbox_) next = std::min(next, submitted.arrival + 1);
  wake_.cancel();
  if (next != INT64_MAX) wake_.notify(clock_.until(Cycles(next)));
}

DramStats DramController::stats() {
  const std::int64_t now = clock_.now().count();
  accept_until(now);
  advance_channels(now);
  DramStats stats = stats_;
  for (const auto& channel : channels_) stats.channels += channel->counts(now);
  if (outstanding_ > 0) stats.busy += Cycles(now - busy_since_);
  stats.total = Cycles(now);
  stats.idle = stats.total - stats.busy;
  return stats;
}

EventCounts DramController::Account::events() const {
  const ChannelCounts& c = channels;
  EventCounts counts;
  const auto add = [&](Event event, std::int64_t count) {
    counts.add(event, static_cast<std::uint64_t>(count));
  };
  add(Event::kDramActivates, c[DramCommand::kActivate]);
  add(Event::kDramPrecharges, c[DramCommand::kPrecharge] + c[DramCommand::kPrechargeAll]);
  add(Event::kDramReads, c[DramCommand::kRead]);
  add(Event::kDramWrites, c[DramCommand::kWrite]);
  add(Event::kDramRefreshes, c[DramCommand::kRefresh]);
  add(Event::kDramBankRefreshes, c[DramCommand::kRefreshBank]);
  add(Event::kDramRowHits, c.row_hits);
  add(Event::kDramRowEmpty, c.row_empty);
  add(Event::kDramRowConflicts, c.row_conflicts);
  add(Event::kDramReadBytes, read_moved.count());
  add(Event::kDramWriteBytes, write_moved.count());
  return counts;
}

EventCounts DramController::counts() {
  const DramStats s = stats();
  EventCounts counts = Account{s.channels, s.read_moved, s.write_moved}.events();
  const DramOrganisation& o = device_.organisation;
  const std::int64_t rank_cycles = o.channels * o.count(DramLevel::kRank) * s.total.count();
  const ChannelCounts& c = s.channels;
  const auto add = [&](Event event, std::int64_t count) {
    counts.add(event, static_cast<std::uint64_t>(count));
  };
  add(Event::kDramOpenRankCycles, c.open_rank_cycles);
  add(Event::kDramOpenDownCycles, c.open_down_cycles);
  add(Event::kDramClosedDownCycles, c.closed_down_cycles);
  add(Event::kDramClosedRankCycles,
      rank_cycles - c.open_rank_cycles - c.open_down_cycles - c.closed_down_cycles);
  return counts;
}

EventCounts DramController::take_account(std::uint32_t account) {
  const auto node = accounts_.extract(account);
  if (node.empty()) return {};
  for (const Active& active : active_) {
    ensure(!active.used || active.account != &node.mapped(), "a request outlives its account");
  }
  const EventCounts events = node.mapped().events();
  taken_ += events;
  return events;
}

EventCounts DramController::overhead() {
  EventCounts caused = taken_;
  const EventCounts all = counts();
  for (const auto& [number, account] : accounts_) caused += account.events();
  return all.since(caused);
}

}  // namespace mxsim
