#include "sim/array/array_engine.h"

#include "models/arithmetic/lanes.h"
#include "models/arithmetic/tile_kernel.h"
#include "models/core/error.h"
#include "models/dataflow/block_sums.h"
#include "sim/array/output_engine.h"
#include "sim/array/stationary_engine.h"

namespace mxsim {

ArrayEngine::ArrayEngine(const ArraySpec& spec, const ArrayCommand& command, const TileData& data,
                         PeGrid& grid)
    : spec_(spec),
      command_(command),
      data_(data),
      grid_(grid),
      exact_blocks_(uses_exact_blocks(spec, command)),
      zero_gating_(spec.zero_gating == ZeroGating::kOn) {
  ensure(!data.empty(), "PEs without operands");
}

void ArrayEngine::step() {
  const Activity activity = step_array();
  total_ += activity;
  const auto pe_cycles =
      static_cast<std::uint64_t>(spec_.rows * spec_.cols * command_.interval.count());
  idle_cycles_ += pe_cycles - activity.macs;
  ++step_;
}

ArrayCost ArrayEngine::cost() const {
  ArrayCost cost;
  cost.cycles = command_.interval * step_;
  cost.port_stall = cost.cycles - Cycles(step_);
  cost.traffic = words_;
  cost.counts.add(Event::kMac, total_.macs - total_.gated);
  cost.counts.add(Event::kMacGated, total_.gated);
  cost.counts.add(Event::kPeActiveCycles, total_.macs);
  cost.counts.add(Event::kPeIdleCycles, idle_cycles_);
  cost.counts.add(Event::kBlockAccumulate, total_.block_sums);
  cost.counts.add(Event::kStationaryLoads, total_.stationary_loads);
  cost.counts.add(Event::kPass, passes_);
  count_border(command_.ports, border_, cost);
  return cost;
}

void ArrayEngine::write_result(std::int64_t index, Accumulate mode, float sum) {
  float& target = data_.c[static_cast<std::size_t>(index)];
  if (mode == Accumulate::kAdd) {
    ++border_.sum_reads;
    sum = target + sum;
  }
  target = stored(sum);
  ++border_.sum_writes;
  --remaining_results_;
}

void ArrayEngine::count_sum_vector(std::int64_t elements, Accumulate mode) {
  const std::int64_t words = vector_words(elements, kPartialSumBits, command_.ports.c_word_bits);
  words_.c_write_words += words;
  if (mode == Accumulate::kAdd) words_.c_read_words += words;
}

bool ArrayEngine::ends_block_at(std::int64_t k) const {
  return exact_blocks_ && ends_block(command_.blocks, k);
}

namespace {

template <class Lane>
std::unique_ptr<ArrayEngine> make_with(const ArraySpec& spec, const ArrayCommand& command,
                                       const TileData& data, PeGrid& grid) {
  if (command.dataflow == Dataflow::kOutputStationary) {
    return std::make_unique<OutputEngine<Lane>>(spec, command, data, grid);
  }
  return std::make_unique<StationaryEngine<Lane>>(spec, command, data, grid);
}

}  // namespace

std::unique_ptr<ArrayEngine> make_engine(const ArraySpec& spec, const ArrayCommand& command,
                                         const TileData& data, PeGrid& grid) {
  if (uses_exact_blocks(spec, command)) {
    check_block_sums(command, data);
    return make_with<BlockLane>(spec, command, data, grid);
  }
  if (exact_products(data.a, data.b)) return make_with<ExactProductLane>(spec, command, data, grid);
  return make_with<FusedLane>(spec, command, data, grid);
}

}  // namespace mxsim
