#include "models/mapping/program/command_stream.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "models/core/error.h"

namespace mxsim {
namespace {

/// Histories are looked through for finished commands when they have doubled, and not below this.
constexpr std::size_t kFewEntries = 4096;

std::optional<CommandId> newest_of(const ByteHistory& history,
                                   const std::vector<ByteRange>& ranges) {
  std::optional<CommandId> newest;
  for (const ByteRange& range : ranges) newest = std::max(newest, history.newest(range));
  return newest;
}

}  // namespace

void CommandStream::begin_group(std::uint32_t group) {
  if (postponed_group_ != group_) write_postponed();
  record_own();
  group_ = group;
}

CommandId CommandStream::add(Command command) {
  if (const auto* transfer = std::get_if<TransferWork>(&command.work)) {
    return add_transfer(std::move(command), covering_ranges(transfer->runs));
  }
  return append(std::move(command));
}

CommandId CommandStream::add_transfer(Command command, std::vector<ByteRange> ranges) {
  if (touches_postponed(ranges)) write_postponed();
  add_hazards(command, ranges);
  const bool is_store = command.unit == Unit::kDmaWrite;
  const auto& transfer = std::get<TransferWork>(command.work);
  if (transfer.stays_on_chip()) {
    const Bytes bytes = payload(transfer.runs);
    command.buffers.push_back(
        {Unit::kSramInput, is_store ? Bytes(0) : bytes, is_store ? bytes : Bytes(0)});
  }
  const CommandId id = append(std::move(command));
  own_.push_back({is_store, id, std::move(ranges)});
  if (settling_ && postponed_group_ != group_) record_own();
  return id;
}

CommandId CommandStream::append(Command command) {
  const CommandId id = piece_.first + piece_.commands.size();
  command.group = settling_ ? postponed_group_ : group_;
  std::sort(command.after.begin(), command.after.end());
  command.after.erase(std::unique(command.after.begin(), command.after.end()), command.after.end());
  ensure(command.after.empty() || command.after.back() < id, "a command waits for a later one");
  piece_.commands.push_back(std::move(command));
  return id;
}

void CommandStream::add_hazards(Command& command, const std::vector<ByteRange>& ranges) const {
  if (const auto store = newest_of(stores_, ranges)) command.after.push_back(*store);
  if (command.unit != Unit::kDmaWrite) return;
  if (const auto load = newest_of(loads_, ranges)) command.after.push_back(*load);
}

void CommandStream::record_own() {
  for (const Access& access : std::exchange(own_, {})) record(access);
}

void CommandStream::record(const Access& access) {
  ByteHistory& history = access.is_store ? stores_ : loads_;
  for (const ByteRange& range : access.ranges) history.record(range, access.command);
}

void CommandStream::postpone(std::function<void()> end, std::vector<ByteRange> writes) {
  ensure(!postponed_, "a group ends before the end of its predecessor is queued");
  postponed_ = std::move(end);
  postponed_group_ = group_;
  postponed_writes_ = std::move(writes);
}

bool CommandStream::touches_postponed(const std::vector<ByteRange>& ranges) const {
  return std::any_of(ranges.begin(), ranges.end(), [&](const ByteRange& range) {
    return std::any_of(postponed_writes_.begin(), postponed_writes_.end(), [&](const auto& write) {
      return range.begin < write.end && write.begin < range.end;
    });
  });
}

void CommandStream::write_postponed() {
  if (!postponed_) return;
  const std::function<void()> end = std::exchange(postponed_, nullptr);
  postponed_writes_.clear();
  if (postponed_group_ != group_) record_own();  // histories grow in the order of the commands
  settling_ = true;
  end();
  settling_ = false;
}

std::optional<CommandId> CommandStream::newest_store(const std::vector<DramRun>& runs) const {
  const std::vector<ByteRange> ranges = covering_ranges(runs);
  if (touches_postponed(ranges)) return std::numeric_limits<CommandId>::max();
  return newest_of(stores_, ranges);
}

void CommandStream::forget_finished(CommandId finished_below) {
  if (loads_.size() + stores_.size() < std::max(kFewEntries, 2 * kept_entries_)) return;
  loads_.forget_below(finished_below);
  stores_.forget_below(finished_below);
  kept_entries_ = loads_.size() + stores_.size();
}

Program CommandStream::take(CommandId finished_below) {
  forget_finished(finished_below);
  piece_.closed_groups = group_ + (postponed_ ? 0 : 1);
  Program next;
  next.first = piece_.first + piece_.commands.size();
  return std::exchange(piece_, std::move(next));
}

}  // namespace mxsim
