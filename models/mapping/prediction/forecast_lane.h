#pragma once

#include <algorithm>
#include <deque>
#include <optional>
#include <utility>
#include <vector>

#include "models/mapping/prediction/command_time.h"

namespace mxsim {

/// One unit in a forecast (run_prediction.h): commands handed out to it and not begun, those at
/// work whose end is not decided yet, and what those that began leave behind.
struct ForecastLane {
  struct Queued {
    CommandId id;
    Command command;
    Cycles issued;  ///< from which cycle on it can begin
  };
  std::size_t capacity = 1;
  std::deque<Queued> queue;
  std::deque<CommandId> begun;            ///< the last `capacity` ones
  std::shared_ptr<const ArrayTile> last;  ///< on the array: begun last
  std::shared_ptr<const ArrayTile> next;  ///< queue.front(), once it is asked for
  Cycles last_begin{0};
  std::optional<Cycles> earliest;  ///< when queue.front() can begin, once that is known

  /// A command, or a transfer on the DMA's path, that shares ports.
  struct AtPorts {
    CommandId id;
    Cycles begin;
    Cycles own_end;  ///< if it always got the ports it asks for
    Cycles drain;
  };
  std::optional<AtPorts> at_ports;
  std::optional<Cycles> ports_met;  ///< if nobody else begins; nothing: to be asked for again
};

/// One direction of the DMA. A transfer waits for the path and for the memory at the same time.
class TransferLane {
 public:
  struct Asked {
    CommandId id;
    std::int64_t arrival;  ///< at the memory, DRAM cycle
    std::vector<DramRun> runs;
  };
  struct OnPath {
    CommandId id;
    Cycles from;  ///< when the transfer wants the path
    CommandNeeds needs;
  };
  using Finished = std::pair<CommandId, Cycles>;

  void add(OnPath path, std::int64_t arrival, std::vector<DramRun> runs) {
    open_.push_back({path.id, std::nullopt, std::nullopt});
    if (runs.empty()) {
      open_.back().memory_end = Cycles(0);
    } else {
      asked_.push_back({path.id, arrival, std::move(runs)});
    }
    waiting_.push_back(std::move(path));
    pass_freely();
  }

  /// The next request for the memory, or null.
  const Asked* next_asked() const { return asked_.empty() ? nullptr : &asked_.front(); }
  void moved(Cycles memory_end) {
    at(asked_.front().id).memory_end = memory_end;
    asked_.pop_front();
  }

  /// When the next transfer comes onto the path, if one waits whose time on it is not known yet and
  /// the path is not taken.
  std::optional<Cycles> path_begin() const {
    if (taken_ || waiting_.empty()) return std::nullopt;
    return std::max(path_free_, waiting_.front().from);
  }
  OnPath take_path() {
    OnPath next = std::move(waiting_.front());
    waiting_.pop_front();
    taken_ = true;
    return next;
  }
  void leave_path(CommandId id, Cycles end) {
    taken_ = false;
    path_free_ = end;
    at(id).path_end = end;
    pass_freely();
  }

  /// Transfers end in order; one after the other those whose end is known now.
  std::optional<Finished> next_finished() {
    if (open_.empty() || !open_.front().path_end || !open_.front().memory_end) return std::nullopt;
    last_end_ = std::max({last_end_, *open_.front().path_end, *open_.front().memory_end});
    const Finished next{open_.front().id, last_end_};
    open_.pop_front();
    return next;
  }

 private:
  struct Open {
    CommandId id;
    std::optional<Cycles> path_end;
    std::optional<Cycles> memory_end;
  };

  Open& at(CommandId id) {
    return *std::find_if(open_.begin(), open_.end(), [&](const Open& o) { return o.id == id; });
  }
  /// Takes transfers along the path that share no ports.
  void pass_freely() {
    while (!taken_ && !waiting_.empty() && waiting_.front().needs.words.empty()) {
      const OnPath& next = waiting_.front();
      path_free_ = std::max(path_free_, next.from) + next.needs.busy;
      at(next.id).path_end = path_free_;
      waiting_.pop_front();
    }
  }

  std::deque<Asked> asked_;
  std::deque<OnPath> waiting_;  ///< for the path
  std::deque<Open> open_;       ///< not finished
  bool taken_ = false;
  Cycles path_free_{0};
  Cycles last_end_{0};
};

}  // namespace mxsim
