#include "models/mapping/run_prediction.h"

#include <algorithm>
#include <array>
#include <deque>
#include <functional>
#include <optional>
#include <queue>
#include <utility>

#include "models/core/error.h"
#include "models/mapping/command_time.h"
#include "models/mapping/hand_out.h"
#include "models/mapping/ideal_memory.h"

namespace mxsim {
namespace {

constexpr Cycles kUnknown{-1};
constexpr Cycles kNever{INT64_MAX};

/// A transfer whose end is not known yet.
struct Asked {
  std::int64_t arrival;  ///< at the memory, DRAM cycle
  CommandId id;
  Cycles path_end;
  std::vector<DramRun> runs;  ///< none: it needs no memory
};

/// One unit: commands handed out to it and not begun, and what those that began leave behind.
struct Lane {
  struct Queued {
    CommandId id;
    Command command;
    Cycles handed_out;
  };
  std::size_t capacity = 1;
  std::deque<Queued> queue;
  std::deque<CommandId> begun;  ///< the last `capacity` ones
  Cycles last_begin{0};
  std::optional<Cycles> earliest;  ///< when queue.front() can begin, once that is known
  // Of a DMA direction:
  std::deque<Asked> asked;
  Cycles path_free{0};
  Cycles last_end{0};
};

/// When turns of groups may end.
struct GroupTimes {
  Cycles last_end{-1};
  Cycles closed{0};
  Cycles own_work = kNever;  ///< when it begins
};

/// Takes one decision after another in the order of their cycles: a command begins, transfers get
/// the memory, a group is handed out. What is decided can only ask for something later.
class Forecast {
 public:
  Forecast(const RunPlan& plan, const ChipAround& around)
      : plan_(plan),
        source_(plan),
        time_(plan.ops(), plan.chip(), around),
        setup_(around.dma.setup_cycles),
        memory_(around.dram, around.clock_hz),
        groups_(plan.groups()) {
    for (const Unit unit : {Unit::kDmaRead, Unit::kDmaWrite}) {
      lane(unit).capacity = static_cast<std::size_t>(around.dma.outstanding);
    }
  }

  RunPrediction run();

 private:
  static constexpr std::array kUnits{Unit::kDmaRead, Unit::kDmaWrite, Unit::kArray, Unit::kVector,
                                     Unit::kRequant};

  Lane& lane(Unit unit) { return lanes_[static_cast<std::size_t>(unit)]; }
  /// Looks again for what was unknown.
  Cycles earliest(Lane& lane);
  std::optional<Unit> first_to_begin();
  bool leads(const Command& command) const;
  void begin(Unit unit);
  void ask(Lane& lane, Lane::Queued next, Cycles begin);
  /// The direction whose transfer has the memory next; reads go before writes of the same cycle.
  Lane* first_to_move();
  void move(Lane& lane);
  /// Ends transfers that wait for no memory and no other transfer.
  void end_without_memory(Lane& lane);
  void end_transfer(Lane& lane, Cycles end);
  void finish(CommandId id, Cycles end);
  bool hand_out_by(Cycles cycle);
  void hand_out();
  std::vector<Cycles> turns() const;

  const RunPlan& plan_;
  ProgramSource source_;
  CommandTime time_;
  Cycles setup_;
  IdealMemory memory_;
  std::array<Lane, kUnitCount> lanes_;
  std::vector<PredictedCommand> commands_;  ///< by id
  std::vector<GroupTimes> groups_;
  std::priority_queue<Cycles, std::vector<Cycles>, std::greater<>> ends_;  ///< of unseen commands
  std::size_t unseen_ = 0;  ///< handed out and not seen as finished at handing_out_
  Cycles handing_out_{0};
  CommandId finished_below_ = 0;
  std::uint32_t closed_ = 0;  ///< groups
};

Cycles Forecast::earliest(Lane& lane) {
  if (lane.queue.empty()) return kNever;
  if (lane.earliest) return *lane.earliest;
  const Lane::Queued& next = lane.queue.front();
  Cycles begin = std::max(next.handed_out, lane.last_begin);
  for (const CommandId id : next.command.after) {
    if (commands_[id].end == kUnknown) return kNever;
    begin = std::max(begin, commands_[id].end + Cycles(1));
  }
  if (lane.begun.size() == lane.capacity) {
    const Cycles end = commands_[lane.begun.front()].end;
    if (end == kUnknown) return kNever;
    begin = std::max(begin, end);
  }
  lane.earliest = begin;
  return begin;
}

std::optional<Unit> Forecast::first_to_begin() {
  std::optional<Unit> first;
  Cycles least = kNever;
  for (const Unit unit : kUnits) {
    const Cycles begin = earliest(lane(unit));
    if (begin >= least) continue;
    least = begin;
    first = unit;
  }
  return first;
}

bool Forecast::leads(const Command& command) const {
  if (command.unit == Unit::kArray) return true;
  return (command.unit == Unit::kVector || command.unit == Unit::kRequant) &&
         plan_.ops().groups[command.group].gemms.empty();
}

void Forecast::begin(Unit unit) {
  Lane& lane = this->lane(unit);
  const Cycles begin = *std::exchange(lane.earliest, std::nullopt);
  Lane::Queued next = std::move(lane.queue.front());
  lane.queue.pop_front();
  lane.last_begin = begin;
  if (lane.begun.size() == lane.capacity) lane.begun.pop_front();
  lane.begun.push_back(next.id);
  commands_[next.id].begin = begin;
  GroupTimes& group = groups_[next.command.group];
  if (leads(next.command)) group.own_work = std::min(group.own_work, begin);
  if (unit == Unit::kDmaRead || unit == Unit::kDmaWrite) {
    ask(lane, std::move(next), begin);
  } else {
    finish(next.id, begin + time_.of(next.command));
  }
}

void Forecast::ask(Lane& lane, Lane::Queued next, Cycles begin) {
  lane.path_free = std::max(lane.path_free, begin + setup_) + time_.of(next.command);
  auto& transfer = std::get<TransferWork>(next.command.work);
  if (transfer.stays_on_chip()) transfer.runs.clear();
  lane.asked.push_back(
      {memory_.arrival(begin + setup_), next.id, lane.path_free, std::move(transfer.runs)});
  end_without_memory(lane);
}

Lane* Forecast::first_to_move() {
  Lane& reads = lane(Unit::kDmaRead);
  Lane& writes = lane(Unit::kDmaWrite);
  if (reads.asked.empty()) return writes.asked.empty() ? nullptr : &writes;
  const bool write_first =
      !writes.asked.empty() && writes.asked.front().arrival < reads.asked.front().arrival;
  return write_first ? &writes : &reads;
}

void Forecast::end_transfer(Lane& lane, Cycles end) {
  const CommandId id = lane.asked.front().id;
  lane.last_end = std::max({lane.last_end, lane.asked.front().path_end, end});
  lane.asked.pop_front();
  finish(id, lane.last_end);
}

void Forecast::end_without_memory(Lane& lane) {
  while (!lane.asked.empty() && lane.asked.front().runs.empty()) end_transfer(lane, Cycles(0));
}

void Forecast::move(Lane& lane) {
  const Asked& next = lane.asked.front();
  end_transfer(lane, memory_.move(next.arrival, next.runs));
  end_without_memory(lane);
}

void Forecast::finish(CommandId id, Cycles end) {
  commands_[id].end = end;
  Cycles& last_end = groups_[commands_[id].group].last_end;
  last_end = std::max(last_end, end);
  ends_.push(end);
}

/// Whether more is handed out before, or in, the given cycle; all earlier ends are known.
bool Forecast::hand_out_by(Cycles cycle) {
  if (source_.done()) return false;
  const std::size_t window = hand_out_window(source_.overlap());
  while (unseen_ >= window && !ends_.empty() && ends_.top() < cycle) {
    handing_out_ = std::max(handing_out_, ends_.top() + Cycles(1));
    ends_.pop();
    --unseen_;
  }
  return unseen_ < window;
}

void Forecast::hand_out() {
  const auto is_seen = [&](CommandId id) {
    return commands_[id].end != kUnknown && commands_[id].end < handing_out_;
  };
  while (finished_below_ < commands_.size() && is_seen(finished_below_)) ++finished_below_;
  Program piece = source_.next(finished_below_);
  ensure(piece.first == commands_.size(), "a piece of the program is missing");
  CommandId id = piece.first;
  for (Command& command : piece.commands) {
    commands_.push_back({command.unit, command.group, kUnknown, kUnknown});
    lane(command.unit).queue.push_back({id++, std::move(command), handing_out_});
    ++unseen_;
  }
  for (; closed_ < piece.closed_groups; ++closed_) groups_[closed_].closed = handing_out_;
}

/// Cycles between the ends of the turns.
std::vector<Cycles> Forecast::turns() const {
  std::vector<Cycles> turns(groups_.size());
  Cycles later_work = kNever;
  for (std::size_t group = groups_.size(); group-- > 0;) {
    turns[group] = later_work;
    later_work = std::min(later_work, groups_[group].own_work);
  }
  Cycles over{0};
  Cycles turn_began{0};
  for (std::size_t group = 0; group < groups_.size(); ++group) {
    over = std::max({over, groups_[group].last_end + Cycles(1), groups_[group].closed});
    const Cycles ends = std::max(turn_began, std::min(over, turns[group]));
    turns[group] = ends - std::exchange(turn_began, ends);
  }
  return turns;
}

RunPrediction Forecast::run() {
  while (true) {
    const std::optional<Unit> next = first_to_begin();
    const Cycles begin = next ? *lane(*next).earliest : kNever;
    Lane* const mover = first_to_move();
    const Cycles answer = mover ? memory_.first_answer(mover->asked.front().arrival) : kNever;
    if (hand_out_by(std::min(begin, answer))) {
      hand_out();
    } else if (mover && (!next || mover->asked.front().arrival < memory_.arrival(begin + setup_))) {
      move(*mover);
    } else if (next) {
      this->begin(*next);
    } else {
      break;
    }
  }
  RunPrediction prediction;
  prediction.groups = turns();
  for (const Cycles cycles : prediction.groups) prediction.cycles += cycles;
  prediction.commands = std::move(commands_);
  return prediction;
}

}  // namespace

RunPrediction predict_run(const RunPlan& plan, const ChipAround& around) {
  return Forecast(plan, around).run();
}

}  // namespace mxsim
