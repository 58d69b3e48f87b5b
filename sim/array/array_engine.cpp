#include "sim/array/array_engine.h"

#include "models/arithmetic/lanes.h"
#include "models/arithmetic/tile_kernel.h"
#include "models/core/error.h"
#include "sim/array/output_engine.h"
#include "sim/array/stationary_engine.h"

namespace mxsim {

ArrayEngine::ArrayEngine(const ArraySpec& spec, const ArrayCommand& command, const TileData& data,
                         PeGrid& grid)
    : spec_(spec), command_(command), data_(data), grid_(grid), sum_rule_(spec, command) {
  ensure(!data.empty(), "PEs without operands");
  if (sum_rule_.uses_scale_units()) {
    units_.emplace(spec);
  }
}

void ArrayEngine::step() {
  const PeActivity activity = step_array();
  total_ += activity;
  const auto pe_cycles =
      static_cast<std::uint64_t>(spec_.rows * spec_.cols * command_.interval.count());
  idle_cycles_ += pe_cycles - activity.active;
  ++step_;
}

ArrayCost ArrayEngine::cost() const {
  ArrayCost cost;
  cost.cycles = command_.interval * step_;
  cost.traffic = words_;
  cost.counts.add(Event::kPeActiveCycles, total_.active);
  cost.counts.add(Event::kPeIdleCycles, idle_cycles_);
  cost.counts.add(Event::kBlockAccumulate, total_.block_sums);
  cost.counts.add(Event::kStationaryLoads, total_.stationary_loads);
  cost.counts.add(Event::kStationaryMoves, total_.stationary_moves);
  cost.counts.add(Event::kPass, passes_);
  count_border(command_.ports, border_, cost);
  return cost;
}

void ArrayEngine::write_result(std::int64_t index, Accumulate mode, float sum) {
  float& target = data_.c[static_cast<std::size_t>(index)];
  if (mode == Accumulate::kAdd) {
    ++border_.sum_reads;
    sum = add_sums(sum_rule_.accumulator(), target, sum);
  }
  target = stored(sum);
  ++border_.sum_writes;
  --remaining_results_;
}

void ArrayEngine::count_sum_vector(std::int64_t elements, Accumulate mode) {
  const std::int64_t words = vector_words(elements, c_port(command_.ports));
  words_.c_write_words += words;
  if (mode == Accumulate::kAdd) words_.c_read_words += words;
}

std::uint16_t ArrayEngine::part_ends(std::int64_t m, std::int64_t k, std::int64_t count,
                                     bool last) const {
  std::uint32_t bits = 0;
  for (std::int64_t e = 0; e < count; ++e) {
    const bool ends = (last && e == count - 1) || sum_rule_.ends_part(m, k + e);
    bits |= ends ? 1u << e : 0u;
  }
  return static_cast<std::uint16_t>(bits);
}

void ArrayEngine::set_elements(FlowControl& control, std::int64_t m, std::int64_t k,
                               std::int64_t count, bool last) const {
  control.count = static_cast<std::uint8_t>(count);
  control.part_ends = part_ends(m, k, count, last);
  if (last || sum_rule_.ends_chunk(k + count - 1)) control.flags |= FlowControl::kEndsChunk;
  if (last) control.flags |= FlowControl::kLast;
}

// `is` streams B past A; the others have A come from the left and B from above.
const OperandDecoder& ArrayEngine::across_decoder() const {
  return command_.dataflow == Dataflow::kInputStationary ? *data_.b_decoder : *data_.a_decoder;
}

const OperandDecoder& ArrayEngine::down_decoder() const {
  return command_.dataflow == Dataflow::kInputStationary ? *data_.a_decoder : *data_.b_decoder;
}

namespace {

template <class Lane, int kDot>
std::unique_ptr<ArrayEngine> make_with(const ArraySpec& spec, const ArrayCommand& command,
                                       const TileData& data, PeGrid& grid) {
  if (command.dataflow == Dataflow::kOutputStationary) {
    return std::make_unique<OutputEngine<Lane, kDot>>(spec, command, data, grid);
  }
  return std::make_unique<StationaryEngine<Lane, kDot>>(spec, command, data, grid);
}

}  // namespace

std::unique_ptr<ArrayEngine> make_engine(const ArraySpec& spec, const ArrayCommand& command,
                                         const TileData& data, PeGrid& grid) {
  ensure(command.width <= kWidestDotProduct, "dot product wider than a PE's registers");
  const SumRule rule(spec, command);
  if (rule.exact() && !rule.saturates()) largest_block_sum(command, data);
  if (command.width > 1) {
    return make_with<GeneralLane, kWidestDotProduct>(spec, command, data, grid);
  }
  if (!rule.is_plain()) return make_with<GeneralLane, 1>(spec, command, data, grid);
  if (rule.exact()) return make_with<BlockLane, 1>(spec, command, data, grid);
  if (exact_products(data)) return make_with<ExactProductLane, 1>(spec, command, data, grid);
  return make_with<FusedLane, 1>(spec, command, data, grid);
}

}  // namespace mxsim
