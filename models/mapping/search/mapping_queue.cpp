#include "models/mapping/search/mapping_queue.h"

#include <algorithm>

#include "models/core/error.h"

namespace mxsim {
namespace {

/// Bit `order` of the answer: whether it differs from those before it for these numbers of tiles.
/// The place of a loop of one step means nothing.
unsigned different_orders(const TileTrips& trips) {
  std::array<int, kLoopOrders.size()> seen{};
  unsigned different = 0;
  for (std::size_t i = 0; i < kLoopOrders.size(); ++i) {
    for (const Loop loop : kLoopOrders[i].loops) {
      if (trips.of(loop) > 1) seen[i] = 4 * seen[i] + static_cast<int>(loop) + 1;
    }
    const auto here = seen.begin() + static_cast<std::ptrdiff_t>(i);
    if (std::find(seen.begin(), here, seen[i]) == here) different |= 1U << i;
  }
  return different;
}

/// Each number becomes the least of itself and those behind it.
void take_least_behind(std::vector<std::int64_t>& numbers) {
  for (std::size_t i = numbers.size(); i-- > 1;) {
    numbers[i - 1] = std::min(numbers[i - 1], numbers[i]);
  }
}

}  // namespace

MappingQueue::MappingQueue(const OpGroup& group, const GemmWork& work,
                           const std::vector<StoredTensor>& tensors, const MapperChip& chip,
                           const KeptTensors& kept)
    : work_(work),
      chip_(chip),
      model_(group, work, tensors, chip, kept),
      candidates_(tile_candidates(work, tensors, chip)) {
  open_all();
}

GemmTiling MappingQueue::tiling_of(const Open& open) const {
  const TileCandidates::Positions& at = candidates_.positions[open.positions];
  const TileCandidates::Weights& weights = candidates_.weights[open.weights];
  return {at.images,
          at.h,
          at.w,
          weights.channels,
          candidates_.columns[open.columns],
          LoopOrder::kRowsColumnsReduction,
          weights.taps};
}

MappingScore MappingQueue::score_of(const MappingCost& cost) const {
  return score(cost, chip_.mapping.objective);
}

MappingQueue::Rights MappingQueue::rights(std::uint32_t positions, std::uint32_t weights) {
  Rights rights;
  for (std::uint32_t n = 0; n < candidates_.columns.size(); ++n) {
    const auto sizes = model_.right_sizes(tiling_of({{}, positions, weights, n, Stage::kSizes}));
    if (!sizes) rights.first = n + 1;
    rights.each.push_back(sizes.value_or(OperandSizes{}));
    rights.least.push_back(rights.each.back().all);
  }
  take_least_behind(rights.least);
  return rights;
}

const MappingQueue::Rights& MappingQueue::rights_of(const Open& open) const {
  return rights_[work_.kind == GemmKind::kWindow ? open.weights : open.positions];
}

/// The first column with which the right operand and the results fit.
std::size_t MappingQueue::first_that_fits(const Open& open) const {
  const auto& columns = candidates_.columns;
  const std::int64_t rows = model_.tile_results(tiling_of(open)) / columns[open.columns];
  const auto first = std::partition_point(
      columns.begin() + static_cast<std::ptrdiff_t>(rights_of(open).first), columns.end(),
      [&](std::int64_t n) { return !model_.results_fit(rows * n); });
  return static_cast<std::size_t>(first - columns.begin());
}

void MappingQueue::open_all() {
  const auto positions = static_cast<std::uint32_t>(candidates_.positions.size());
  const auto weights = static_cast<std::uint32_t>(candidates_.weights.size());
  const bool window = work_.kind == GemmKind::kWindow;
  for (std::uint32_t i = 0; i < (window ? weights : positions); ++i) {
    rights_.push_back(window ? rights(0, i) : rights(i, 0));
  }
  for (const std::int64_t n : candidates_.columns) results_.push_back(model_.least_results(n));
  take_least_behind(results_);
  const auto last = static_cast<std::uint32_t>(candidates_.columns.size() - 1);
  for (std::uint32_t p = 0; p < positions; ++p) {
    for (std::uint32_t c = 0; c < weights; ++c) {
      Open open{{}, p, c, last, Stage::kColumns};
      const GemmTiling narrowest = tiling_of(open);
      const std::optional<OperandSizes> left = model_.left_sizes(narrowest);
      const std::size_t first = first_that_fits(open);
      if (!left || first > last) continue;
      GemmTiling widest = narrowest;
      widest.n = candidates_.columns[first];
      const Rights& rights = rights_of(open);
      open.least = score_of(model_.bound({trips(work_, widest),
                                          *left,
                                          {rights.each[last].tile, rights.least[first]},
                                          model_.last_tile(narrowest),
                                          results_[first]}));
      open_.push_back(open);
    }
  }
  std::make_heap(open_.begin(), open_.end(), worse);
}

void MappingQueue::push(const Open& open) {
  open_.push_back(open);
  std::push_heap(open_.begin(), open_.end(), worse);
}

void MappingQueue::open_columns(Open open) {
  const std::size_t first = first_that_fits(open);
  const Rights& rights = rights_of(open);
  const std::optional<OperandSizes> left = model_.left_sizes(tiling_of(open));
  open.stage = Stage::kSizes;
  for (std::size_t n = first; n < candidates_.columns.size(); ++n) {
    open.columns = static_cast<std::uint32_t>(n);
    const GemmTiling tiling = tiling_of(open);
    open.least = score_of(model_.bound({trips(work_, tiling), *left, rights.each[n],
                                        model_.last_tile(tiling), model_.least_results(tiling.n)}));
    push(open);
  }
}

/// Every order of sizes that fit.
void MappingQueue::know(const GemmTiling& sizes) {
  const unsigned different = different_orders(trips(work_, sizes));
  for (const LoopOrderInfo& each : kLoopOrders) {
    if ((different >> static_cast<unsigned>(each.order) & 1U) == 0) continue;
    GemmTiling tiling = sizes;
    tiling.order = each.order;
    known_.push_back({score_of(model_.cost(tiling)), tiling});
    std::push_heap(known_.begin(), known_.end(), later);
  }
}

/// To the next stage, if the operands fit.
void MappingQueue::look_closer(Open open) {
  const GemmTiling tiling = tiling_of(open);
  std::optional<MappingModel::Sizes> sizes = model_.sizes(tiling);
  ensure(sizes.has_value(), "sizes that fit no longer do");
  open.stage = static_cast<Stage>(static_cast<int>(open.stage) + 1);
  if (open.stage >= Stage::kLeft) {
    const std::optional<OperandSizes> left = model_.exact_left(tiling);
    if (!left) return;
    sizes->left = *left;
  }
  if (open.stage >= Stage::kRight) {
    const std::optional<OperandSizes> right = model_.exact_right(tiling);
    if (!right) return;
    sizes->right = *right;
  }
  open.least = score_of(model_.closer_bound(*sizes, tiling));
  push(open);
}

void MappingQueue::advance(Open open) {
  if (open.stage == Stage::kColumns) return open_columns(open);
  if (open.stage == Stage::kRight) return know(tiling_of(open));
  look_closer(open);
}

std::optional<GemmMapping> MappingQueue::next() {
  while (!open_.empty() && (known_.empty() || open_.front().least <= known_.front().score)) {
    std::pop_heap(open_.begin(), open_.end(), worse);
    const Open open = open_.back();
    open_.pop_back();
    advance(open);
  }
  if (known_.empty()) return std::nullopt;
  std::pop_heap(known_.begin(), known_.end(), later);
  const GemmTiling tiling = known_.back().tiling;
  known_.pop_back();
  return GemmMapping{tiling, model_.cost(tiling)};
}

}  // namespace mxsim
