#include "models/mapping/mapping_queue.h"

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
  return {at.images,
          at.h,
          at.w,
          candidates_.channels[open.channels],
          candidates_.columns[open.columns],
          LoopOrder::kRowsColumnsReduction};
}

double MappingQueue::least_of(const MappingCost& bound) const {
  return std::get<0>(score(bound, chip_.mapping.objective));
}

MappingQueue::Rights MappingQueue::rights(std::uint32_t positions, std::uint32_t channels) {
  Rights rights;
  for (std::uint32_t n = 0; n < candidates_.columns.size(); ++n) {
    const auto sizes = model_.right_sizes(tiling_of({0, positions, channels, n, Stage::kSizes}));
    if (!sizes) rights.first = n + 1;
    rights.each.push_back(sizes.value_or(OperandSizes{}));
    rights.least.push_back(rights.each.back().all);
  }
  take_least_behind(rights.least);
  return rights;
}

const MappingQueue::Rights& MappingQueue::rights_of(const Open& open) const {
  return rights_[work_.kind == GemmKind::kWindow ? open.channels : open.positions];
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
  const auto channels = static_cast<std::uint32_t>(candidates_.channels.size());
  const bool window = work_.kind == GemmKind::kWindow;
  for (std::uint32_t i = 0; i < (window ? channels : positions); ++i) {
    rights_.push_back(window ? rights(0, i) : rights(i, 0));
  }
  for (const std::int64_t n : candidates_.columns) results_.push_back(model_.least_results(n));
  take_least_behind(results_);
  const auto last = static_cast<std::uint32_t>(candidates_.columns.size() - 1);
  for (std::uint32_t p = 0; p < positions; ++p) {
    for (std::uint32_t c = 0; c < channels; ++c) {
      Open open{0, p, c, last, Stage::kColumns};
      const GemmTiling narrowest = tiling_of(open);
      const std::optional<OperandSizes> left = model_.left_sizes(narrowest);
      const std::size_t first = first_that_fits(open);
      if (!left || first > last) continue;
      GemmTiling widest = narrowest;
      widest.n = candidates_.columns[first];
      const Rights& rights = rights_of(open);
      open.least = least_of(model_.bound({trips(work_, widest),
                                          *left,
                                          {rights.each[last].tile, rights.least[first]},
                                          model_.tile_results(narrowest),
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
    open.least =
        least_of(model_.bound({trips(work_, tiling), *left, rights.each[n],
                               model_.tile_results(tiling), model_.least_results(tiling.n)}));
    push(open);
  }
}

/// Every order of sizes, if they fit.
void MappingQueue::know(const GemmTiling& sizes) {
  if (!model_.misfit(sizes).empty()) return;
  const unsigned different = different_orders(trips(work_, sizes));
  for (const LoopOrderInfo& each : kLoopOrders) {
    if ((different >> static_cast<unsigned>(each.order) & 1U) == 0) continue;
    GemmTiling tiling = sizes;
    tiling.order = each.order;
    known_.push_back({score(model_.cost(tiling), chip_.mapping.objective), tiling});
    std::push_heap(known_.begin(), known_.end(), later);
  }
}

void MappingQueue::advance(Open open) {
  switch (open.stage) {
    case Stage::kColumns:
      return open_columns(open);
    case Stage::kSizes: {
      const GemmTiling tiling = tiling_of(open);
      const std::optional<MappingModel::Sizes> sizes = model_.sizes(tiling);
      ensure(sizes.has_value(), "sizes that fit no longer do");
      open.least = least_of(model_.closer_bound(*sizes, tiling));
      open.stage = Stage::kArray;
      return push(open);
    }
    case Stage::kArray:
      return know(tiling_of(open));
  }
}

std::optional<GemmMapping> MappingQueue::next() {
  while (!open_.empty() &&
         (known_.empty() || open_.front().least <= std::get<0>(known_.front().score))) {
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
