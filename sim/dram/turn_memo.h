#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "models/dram/frfcfs_spec.h"
#include "models/dram/timing_checker.h"
#include "sim/dram/bank_states.h"
#include "sim/dram/request_queue.h"
#include "sim/dram/row_names.h"
#include "sim/dram/run_lane.h"
#include "sim/dram/state_nodes.h"

namespace mxsim {

/// Fast-forwards repeated states of a channel whose queues are fed by long runs: one direction in
/// pieces, or both directions in turns. At each boundary (below) the state is taken relative to the
/// present cycle, with rows named by first appearance in their bank, for rows matter by equality
/// alone. The same state and the same segments to come give the same commands: a stretch from one
/// boundary to the next is played once, then repeated.
class TurnMemo {
 public:
  struct Parts {
    TimingChecker& timing;
    BankStates& banks;
    std::array<RequestQueue*, 2> queues;  ///< by DramAccess
  };
  TurnMemo(const FrfcfsSpec& spec, Parts parts);

  /// The channel's own part of the state.
  struct Turn {
    DramAccess direction = DramAccess::kRead;
    std::int64_t served = 0;
    std::int64_t read_end = INT64_MAX;  ///< FrfcfsChannel::read_turn_end_
  };
  /// Totals of the channel since its begin, by direction.
  struct Progress {
    std::array<ChannelCounts, 2> caused;     ///< commands that requests needed
    std::array<std::int64_t, 2> data_end{};  ///< end of the last data
  };
  struct Advance {
    std::int64_t cycles = 0;  ///< 0: nothing was known
    std::array<std::int64_t, 2> bursts{};
    Progress progress;  ///< caused in between; absolute ends
    Turn turn;
  };

  /// Every direction with requests is served from one long run.
  bool can_follow(std::int64_t now) const;
  bool both_directions() const { return !queue(0).empty() && !queue(1).empty(); }
  /// Bursts to serve before the next boundary of a direction alone; at least 1.
  std::int64_t bursts_to_boundary(DramAccess access) const;
  /// With one direction right after a column command of each kStride-th burst, with both right
  /// after the one that ended a turn of writes.
  bool is_boundary(bool turned_to_reads, DramAccess access) const;
  /// At a boundary: moves channel and queues as far as is known and stays before `limit`.
  Advance follow(const Turn& turn, const Progress& progress, std::int64_t now, std::int64_t limit);
  /// Another event than the runs' commands happened.
  void interrupt() { begin_.node = kNone; }

 private:
  static constexpr int kNone = -1;
  static constexpr std::int64_t kStride = 32;

  struct LaneStep {
    std::int64_t bursts = 0;
    std::int64_t segments = 0;   ///< that entered the queue
    std::int64_t end_after = 0;  ///< end of its last data, from the stretch's last cycle
  };
  struct Way {
    std::vector<std::int32_t> tape;
    int to;
    std::int64_t cycles;
    std::array<LaneStep, 2> lanes;
    ChannelCounts counted;
    std::array<ChannelCounts, 2> caused;
    RowNames::Renaming names;
  };
  /// Where the stretch that is played now began.
  struct Begin {
    int node = kNone;
    std::int64_t now = 0;
    std::array<std::uint64_t, 2> requests{};
    std::array<std::int64_t, 2> bursts_left{};
    std::array<std::uint64_t, 2> ages{};
    ChannelCounts counts;
    Progress progress;
    std::vector<std::int32_t> tape;
    RowNames names;
  };

  static std::size_t at(int i) { return static_cast<std::size_t>(i); }
  RequestQueue& queue(std::size_t lane) { return *parts_.queues[lane]; }
  const RequestQueue& queue(std::size_t lane) const { return *parts_.queues[lane]; }
  int banks() const { return parts_.banks.ranks() * parts_.banks.banks_per_rank(); }
  /// False when the state does not fit a node.
  bool take_state(const Turn& turn, std::int64_t now);
  bool take_entries(const RequestQueue& waiting);
  bool take_tape();
  int node_of_state(std::int64_t now);
  const Way* find_way(int node) const;
  void remember(int node, const Progress& progress, std::int64_t now);
  void begin(int node, const Progress& progress, std::int64_t now);
  void apply(const Way& way, Advance& advance, std::int64_t now);
  void put_back(int node, std::int64_t now, const ChannelCounts& counted, Advance& advance);

  FrfcfsSpec spec_;
  Parts parts_;
  std::vector<int> order_;  ///< of banks: as they are
  std::array<RunLane, 2> lanes_;
  StateNodes<Way> nodes_;
  std::vector<std::int32_t> state_;
  std::vector<std::int32_t> tape_;
  RowNames names_;
  Begin begin_;
};

}  // namespace mxsim
