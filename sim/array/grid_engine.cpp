#include "sim/array/grid_engine.h"

#include <algorithm>

#include "models/dataflow/closed_form.h"

namespace mxsim {

std::vector<PeGrid> make_grids(const ArraySpec& spec) {
  std::vector<PeGrid> grids;
  for (std::int64_t i = 0; i < spec.grid.arrays(); ++i) {
    grids.emplace_back(spec.rows, spec.cols, spec.mac_latency_cycles);
  }
  return grids;
}

GridEngine::GridEngine(const ArraySpec& spec, const ArrayCommand& command, const TileData& data,
                       std::vector<PeGrid>& grids)
    : spec_(spec), command_(command), data_(data), engines_(grids.size(), nullptr) {
  const GridShares pieces(spec.grid, command);
  shares_.reserve(static_cast<std::size_t>(pieces.count()));
  for (std::int64_t p = 0; p < pieces.m.count(); ++p) {
    for (std::int64_t q = 0; q < pieces.n.count(); ++q) {
      Share& share = shares_.emplace_back();
      share.command = command;
      share.command.m = pieces.m.length(p);
      share.command.n = pieces.n.length(q);
      share.command.blocks.first_row += p * pieces.m.size;
      share.reads = {1, q == 0 ? 1 : 0, p == 0 ? 1 : 0};
      share.first_m = p * pieces.m.size;
      share.first_n = q * pieces.n.size;
      gather(share);
      const auto array = static_cast<std::size_t>(p * spec.grid.cols + q);
      const TileData view{
          data.a.subspan(static_cast<std::size_t>(share.first_m * command.k),
                         static_cast<std::size_t>(share.command.m * command.k)),
          share.b,
          data.c.subspan(static_cast<std::size_t>(share.first_m * command.n + share.first_n)),
          data.a_decoder,
          data.b_decoder,
          command.n};
      share.engine = make_engine(spec, share.command, view, grids[array]);
      engines_[array] = share.engine.get();
    }
  }
  running_ = shares_.size();
}

void GridEngine::gather(Share& share) {
  const ArrayOperand* b = data_.b.data() + share.first_n;
  for (std::int64_t k = 0; k < command_.k; ++k, b += command_.n) {
    share.b.insert(share.b.end(), b, b + share.command.n);
  }
}

void GridEngine::step() {
  std::uint64_t working = 0;
  for (Share& share : shares_) {
    if (share.engine->done()) continue;
    share.engine->step();
    ++working;
    if (!share.engine->done()) continue;
    share.steps = steps_ + 1;
    --running_;
  }
  const auto array_cycles =
      static_cast<std::uint64_t>(spec_.rows * spec_.cols * command_.interval.count());
  waiting_cycles_ += (engines_.size() - working) * array_cycles;
  ++steps_;
}

ArrayCost GridEngine::cost() const {
  ArrayCost cost;
  PeActivity activity;
  Cycles cycles = command_.interval * steps_;
  for (const Share& share : shares_) {
    cost += cost_of_shares(share.engine->cost(), share.reads);
    activity += share.engine->activity();
    cycles = std::max(cycles, command_.interval * share.steps + share.engine->unit_stall());
  }
  set_cycles(cost, steps_, steps_without_slow_loads(spec_, command_), command_.interval, cycles);
  const std::int64_t stalled = spec_.pes() * cost.unit_stall.count();
  cost.counts.add(Event::kPeIdleCycles, waiting_cycles_ + static_cast<std::uint64_t>(stalled));
  const auto stated = static_cast<std::uint64_t>(stated_gated_macs(spec_, command_));
  const std::uint64_t gated = command_.zero_products ? stated : activity.gated;
  cost.counts.add(Event::kMac, activity.macs - gated);
  cost.counts.add(Event::kMacGated, gated);
  return cost;
}

}  // namespace mxsim
