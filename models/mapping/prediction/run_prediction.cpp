#include "models/mapping/prediction/run_prediction.h"

#include <algorithm>
#include <array>
#include <functional>
#include <optional>
#include <queue>
#include <utility>

#include "models/core/error.h"
#include "models/dataflow/command_chain.h"
#include "models/mapping/prediction/forecast_lane.h"
#include "models/mapping/program/hand_out.h"

namespace mxsim {
namespace {

constexpr Cycles kUnknown{-1};
constexpr Cycles kNever{INT64_MAX};

/// When turns of groups may end.
struct GroupTimes {
  Cycles last_end{-1};
  Cycles closed{0};
  Cycles own_work = kNever;  ///< when it begins
};

/// What is decided next on a unit. kDone comes first in its cycle: what begins then does not delay
/// it any more.
struct Decision {
  enum class Kind : std::uint8_t { kDone, kPath, kBegin } kind = Kind::kBegin;
  Unit unit = Unit::kArray;
  Cycles cycle = kNever;

  bool before(const Decision& other) const {
    return std::pair(cycle, kind) < std::pair(other.cycle, other.kind);
  }
};

/// Takes one decision after another in the order of their cycles: a command begins, a transfer
/// comes onto the DMA's path, one that shares ports is done with them, transfers get the memory, a
/// group is handed out. What is decided can only ask for something later.
class Forecast {
 public:
  Forecast(const RunPlan& plan, const ChipAround& around, MemoryDetail detail)
      : plan_(plan),
        source_(plan),
        time_(plan.ops(), plan.chip(), around),
        setup_(around.dma.setup_cycles),
        issue_(around.sequencer.issue_cycles),
        memory_(around.dram, around.clock_hz, detail),
        ports_(plan.chip()),
        groups_(plan.groups()) {
    for (const Unit unit : {Unit::kDmaRead, Unit::kDmaWrite}) {
      lane(unit).capacity = static_cast<std::size_t>(around.dma.outstanding);
    }
    lane(Unit::kArray).capacity = kMostChained;
  }

  RunPrediction run();

 private:
  static constexpr std::array kUnits{Unit::kDmaRead, Unit::kDmaWrite, Unit::kArray, Unit::kVector,
                                     Unit::kRequant};

  ForecastLane& lane(Unit unit) { return lanes_[static_cast<std::size_t>(unit)]; }
  TransferLane& transfers(Unit unit) { return unit == Unit::kDmaRead ? reads_ : writes_; }
  /// Looks again for what was unknown.
  Cycles earliest(ForecastLane& lane);
  const std::shared_ptr<const ArrayTile>& next_tile(ForecastLane& array);
  Cycles behind(ForecastLane& array);
  Cycles ports_done(Unit unit);
  /// Nothing is left when its cycle is kNever.
  Decision next_decision();
  void take(const Decision& decision);
  bool leads(const Command& command) const;
  void begin(Unit unit);
  void ask(Unit unit, ForecastLane::Queued next, Cycles begin);
  void take_ports(Unit unit, Cycles now, CommandId id, const CommandNeeds& needs);
  void leave_ports(Unit unit, Cycles now);
  /// The direction whose transfer has the memory next; reads go before writes of the same cycle.
  std::optional<Unit> first_to_move() const;
  void move(Unit unit);
  void end_transfers(Unit unit);
  void finish(CommandId id, Cycles end);
  bool hand_out_by(Cycles cycle);
  void hand_out();
  std::vector<Cycles> turns() const;

  const RunPlan& plan_;
  ProgramSource source_;
  CommandTime time_;
  Cycles setup_;
  Cycles issue_;      ///< of a command
  Cycles issued_{0};  ///< when the last command reaches its unit
  IdealMemory memory_;
  ChipPorts ports_;
  std::array<ForecastLane, kUnitCount> lanes_;
  TransferLane reads_;
  TransferLane writes_;
  std::vector<PredictedCommand> commands_;  ///< by id
  std::vector<GroupTimes> groups_;
  std::priority_queue<Cycles, std::vector<Cycles>, std::greater<>> ends_;  ///< of unseen commands
  std::size_t unseen_ = 0;  ///< handed out and not seen as finished at handing_out_
  Cycles handing_out_{0};
  CommandId finished_below_ = 0;
  std::uint32_t closed_ = 0;  ///< groups
};

Cycles Forecast::earliest(ForecastLane& lane) {
  if (lane.queue.empty()) return kNever;
  if (lane.earliest) return *lane.earliest;
  const ForecastLane::Queued& next = lane.queue.front();
  Cycles begin = std::max(next.issued, lane.last_begin);
  for (const CommandId id : next.command.after) {
    if (commands_[id].end == kUnknown) return kNever;
    begin = std::max(begin, commands_[id].end + Cycles(1));
  }
  if (lane.begun.size() == lane.capacity) {
    const Cycles end = commands_[lane.begun.front()].end;
    if (end == kUnknown) return kNever;
    begin = std::max(begin, end);
  }
  if (lane.last) begin = std::max(begin, behind(lane));
  lane.earliest = begin;
  return begin;
}

const std::shared_ptr<const ArrayTile>& Forecast::next_tile(ForecastLane& array) {
  if (!array.next) array.next = time_.array_tile(array.queue.front().command);
  return array.next;
}

/// When the array can begin a tile behind the one that it began last.
Cycles Forecast::behind(ForecastLane& array) {
  const PredictedCommand& last = commands_[array.begun.back()];
  const std::optional<Cycles> chained = time_.chained_start(array.last, next_tile(array));
  return chained ? last.begin + *chained : last.end;
}

Cycles Forecast::ports_done(Unit unit) {
  ForecastLane& lane = this->lane(unit);
  if (!lane.ports_met) lane.ports_met = ports_.met(unit);
  return std::max(lane.at_ports->own_end, *lane.ports_met);
}

Decision Forecast::next_decision() {
  Decision first;
  const auto consider = [&](const Decision& decision) {
    if (decision.before(first)) first = decision;
  };
  for (const Unit unit : kUnits) {
    consider({Decision::Kind::kBegin, unit, earliest(lane(unit))});
    if (!ports_.any()) continue;
    if (lane(unit).at_ports) consider({Decision::Kind::kDone, unit, ports_done(unit)});
    if (unit != Unit::kDmaRead && unit != Unit::kDmaWrite) continue;
    if (const std::optional<Cycles> path = transfers(unit).path_begin()) {
      consider({Decision::Kind::kPath, unit, *path});
    }
  }
  return first;
}

void Forecast::take(const Decision& decision) {
  const auto [kind, unit, cycle] = decision;
  if (kind == Decision::Kind::kBegin) {
    begin(unit);
  } else if (kind == Decision::Kind::kDone) {
    leave_ports(unit, cycle);
  } else {
    const TransferLane::OnPath next = transfers(unit).take_path();
    take_ports(unit, cycle, next.id, next.needs);
  }
}

void Forecast::take_ports(Unit unit, Cycles now, CommandId id, const CommandNeeds& needs) {
  ports_.begin(unit, now, needs.words, needs.busy);
  lane(unit).at_ports = {id, now, now + needs.busy, needs.drain};
  for (ForecastLane& lane : lanes_) lane.ports_met.reset();
}

void Forecast::leave_ports(Unit unit, Cycles now) {
  const ForecastLane::AtPorts done = *std::exchange(lane(unit).at_ports, std::nullopt);
  if (unit == Unit::kDmaRead || unit == Unit::kDmaWrite) {
    transfers(unit).leave_path(done.id, now);
    end_transfers(unit);
  } else {
    finish(done.id, std::max(done.begin + Cycles(1), now + done.drain));
  }
}

bool Forecast::leads(const Command& command) const {
  if (command.unit == Unit::kArray) return true;
  return (command.unit == Unit::kVector || command.unit == Unit::kRequant) &&
         plan_.ops().groups[command.group].gemms.empty();
}

void Forecast::begin(Unit unit) {
  ForecastLane& lane = this->lane(unit);
  const Cycles begin = *std::exchange(lane.earliest, std::nullopt);
  if (unit == Unit::kArray) {
    lane.last = next_tile(lane);
    lane.next.reset();
  }
  ForecastLane::Queued next = std::move(lane.queue.front());
  lane.queue.pop_front();
  lane.last_begin = begin;
  if (lane.begun.size() == lane.capacity) lane.begun.pop_front();
  lane.begun.push_back(next.id);
  commands_[next.id].begin = begin;
  GroupTimes& group = groups_[next.command.group];
  if (leads(next.command)) group.own_work = std::min(group.own_work, begin);
  if (unit == Unit::kDmaRead || unit == Unit::kDmaWrite) {
    ask(unit, std::move(next), begin);
    return;
  }
  const CommandNeeds needs = unit == Unit::kArray ? lane.last->needs : time_.of(next.command);
  if (!needs.words.empty()) take_ports(unit, begin, next.id, needs);
  if (unit == Unit::kArray) {  // nobody delays it
    lane.at_ports.reset();
    finish(next.id, begin + needs.busy);
  } else if (!lane.at_ports) {
    finish(next.id, begin + std::max(Cycles(1), needs.busy + needs.drain));
  }
}

void Forecast::ask(Unit unit, ForecastLane::Queued next, Cycles begin) {
  CommandNeeds needs = time_.of(next.command);
  auto& transfer = std::get<TransferWork>(next.command.work);
  if (transfer.stays_on_chip()) transfer.runs.clear();
  transfer.runs = compressed(std::move(transfer.runs), transfer.compression);
  transfers(unit).add({next.id, begin + setup_, std::move(needs)}, memory_.arrival(begin + setup_),
                      std::move(transfer.runs));
  end_transfers(unit);
}

std::optional<Unit> Forecast::first_to_move() const {
  const TransferLane::Asked* read = reads_.next_asked();
  const TransferLane::Asked* write = writes_.next_asked();
  if (read == nullptr && write == nullptr) return std::nullopt;
  if (read == nullptr) return Unit::kDmaWrite;
  const bool write_first = write != nullptr && write->arrival < read->arrival;
  return write_first ? Unit::kDmaWrite : Unit::kDmaRead;
}

void Forecast::move(Unit unit) {
  const TransferLane::Asked& next = *transfers(unit).next_asked();
  transfers(unit).moved(memory_.move(next.arrival, next.runs));
  end_transfers(unit);
}

void Forecast::end_transfers(Unit unit) {
  while (const auto finished = transfers(unit).next_finished()) {
    finish(finished->first, finished->second);
  }
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
  issued_ = std::max(issued_, handing_out_);
  for (Command& command : piece.commands) {
    issued_ += issue_;
    commands_.push_back({command.unit, command.group, kUnknown, kUnknown});
    lane(command.unit).queue.push_back({id++, std::move(command), issued_});
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
    const Decision next = next_decision();
    const bool nothing = next.cycle == kNever;
    const std::optional<Unit> mover = first_to_move();
    const std::int64_t arrival = mover ? transfers(*mover).next_asked()->arrival : 0;
    const Cycles answer = mover ? memory_.first_answer(arrival) : kNever;
    if (hand_out_by(std::min(next.cycle, answer))) {
      hand_out();
    } else if (mover && (nothing || arrival < memory_.arrival(next.cycle + setup_))) {
      move(*mover);
    } else if (!nothing) {
      take(next);
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

RunPrediction predict_run(const RunPlan& plan, const ChipAround& around, MemoryDetail detail) {
  return Forecast(plan, around, detail).run();
}

}  // namespace mxsim
