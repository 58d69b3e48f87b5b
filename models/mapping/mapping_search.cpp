#include "models/mapping/mapping_search.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "models/core/error.h"

namespace mxsim {
namespace {

/// Mappings that are predicted, and how many tiles they may have: what a prediction costs grows
/// with them.
constexpr std::size_t kMostPredicted = 6;
constexpr std::int64_t kMostPredictedTiles = 1024;
/// The best predicted one has won when the next estimate is not better by more than this factor.
constexpr double kGoodEnough = 1.02;

/// What the model prefers is taken unless another is predicted to be better than by this factor.
constexpr double kWorthChanging = 0.98;

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

}  // namespace

MappingSearch::MappingSearch(const OpGroup& group, const GemmWork& work,
                             const std::vector<StoredTensor>& tensors, const MapperChip& chip,
                             std::size_t count)
    : group_(group),
      work_(work),
      tensors_(tensors),
      chip_(chip),
      count_(count),
      model_(group, work, tensors, chip),
      candidates_(tile_candidates(work, tensors, chip)) {
  // Phases that share a group are not alone on the chip.
  const bool alone = group.gemms.size() == 1;
  if (alone && chip.around && chip.mapping.objective != MappingObjective::kDramBytes) {
    prediction_.emplace(group, work, tensors, chip);
  }
}

MappingSearch::Operand MappingSearch::left(const GemmTiling& tiling) {
  return work_.taps() > 0 ? model_.left_sizes(tiling) : MappingModel::OperandSizes{};
}

MappingSearch::Operand MappingSearch::right(const GemmTiling& tiling) {
  return work_.taps() > 0 ? model_.right_sizes(tiling) : MappingModel::OperandSizes{};
}

void MappingSearch::collect() {
  const bool window = work_.kind == GemmKind::kWindow;
  for (const std::int64_t channels : candidates_.channels) {
    for (const std::int64_t n : candidates_.columns) {
      if (window) rights_.push_back(right({1, 1, 1, channels, n, {}}));
    }
  }
  for (std::uint32_t at = 0; at < candidates_.positions.size(); ++at) {
    if (!window) {
      rights_.clear();
      for (const std::int64_t n : candidates_.columns) {
        const auto& [images, h, w] = candidates_.positions[at];
        rights_.push_back(right({images, h, w, 1, n, {}}));
      }
    }
    collect(at);
  }
  std::make_heap(sizes_.begin(), sizes_.end(), worse);
}

void MappingSearch::collect(std::uint32_t positions) {
  const bool window = work_.kind == GemmKind::kWindow;
  const std::size_t columns = candidates_.columns.size();
  for (std::uint32_t c = 0; c < candidates_.channels.size(); ++c) {
    const Operand left = this->left(tiling_of({0, positions, c, 0}));
    if (!left) continue;
    for (std::uint32_t n = 0; n < columns; ++n) {
      const Operand& right = rights_[window ? c * columns + n : n];
      const GemmTiling tiling = tiling_of({0, positions, c, n});
      const std::int64_t results = model_.tile_results(tiling);
      if (!right || !model_.results_fit(results)) continue;
      const MappingCost least = model_.bound({trips(work_, tiling), *left, *right, results});
      sizes_.push_back({std::get<0>(score_of(least)), positions, c, n});
    }
  }
}

GemmTiling MappingSearch::tiling_of(const Sizes& sizes) const {
  const TileCandidates::Positions& at = candidates_.positions[sizes.positions];
  return {at.images,
          at.h,
          at.w,
          candidates_.channels[sizes.channels],
          candidates_.columns[sizes.columns],
          LoopOrder::kRowsColumnsReduction};
}

void MappingSearch::expand(const GemmTiling& sizes) {
  const std::optional<MappingModel::Sizes> known = model_.sizes(sizes);
  ensure(known.has_value(), "sizes that fit no longer do");
  const unsigned different = different_orders(known->trips);
  for (const LoopOrderInfo& each : kLoopOrders) {
    if ((different >> static_cast<unsigned>(each.order) & 1U) == 0) continue;
    GemmTiling tiling = sizes;
    tiling.order = each.order;
    push({score_of(model_.bound(*known, each.order)), tiling, Knowledge::kBound});
  }
}

void MappingSearch::expand_sizes() {
  while (!sizes_.empty() &&
         (heap_.empty() || sizes_.front().least <= std::get<0>(heap_.front().score))) {
    std::pop_heap(sizes_.begin(), sizes_.end(), worse);
    const GemmTiling tiling = tiling_of(sizes_.back());
    sizes_.pop_back();
    expand(tiling);
  }
}

void MappingSearch::push(const Candidate& candidate) {
  heap_.push_back(candidate);
  std::push_heap(heap_.begin(), heap_.end(), later);
}

void MappingSearch::refine(Candidate candidate) {
  if (candidate.knowledge == Knowledge::kBound) {
    candidate.score =
        score_of(model_.closer_bound(*model_.sizes(candidate.tiling), candidate.tiling));
    candidate.knowledge = Knowledge::kCloserBound;
    push(candidate);
  } else if (model_.misfit(candidate.tiling).empty()) {
    candidate.score = score_of(model_.cost(candidate.tiling));
    candidate.knowledge = Knowledge::kExact;
    push(candidate);
  }
}

MappingScore MappingSearch::predicted_score(const GemmMapping& mapping) const {
  MappingCost cost = mapping.cost;
  cost.cycles = std::max(static_cast<double>(mapping.predicted->count()), cost.dram_cycles);
  cost.energy_pj += (cost.cycles - mapping.cost.cycles) * chip_.mapping.prices.cycle;
  return score_of(cost);
}

bool MappingSearch::wants_prediction(const GemmMapping& next) const {
  if (!prediction_ || settled_ || predicted_.size() == kMostPredicted) return false;
  if (next.cost.tiles > kMostPredictedTiles) return false;
  const double least = std::get<0>(score_of(next.cost));
  return std::none_of(predicted_.begin(), predicted_.end(), [&](const GemmMapping& known) {
    return std::get<0>(predicted_score(known)) <= kGoodEnough * least;
  });
}

void MappingSearch::settle() {
  settled_ = true;
  if (predicted_.empty()) return;
  const auto first_part = [&](const GemmMapping& m) { return std::get<0>(predicted_score(m)); };
  const double preferred = first_part(predicted_.front());
  std::stable_sort(predicted_.begin() + 1, predicted_.end(), [&](const auto& a, const auto& b) {
    return predicted_score(a) < predicted_score(b);
  });
  const auto others = std::partition_point(
      predicted_.begin() + 1, predicted_.end(),
      [&](const GemmMapping& m) { return first_part(m) < kWorthChanging * preferred; });
  std::rotate(predicted_.begin(), predicted_.begin() + 1, others);
  for (GemmMapping& mapping : std::exchange(predicted_, {})) {
    if (found_.size() < count_) found_.push_back(std::move(mapping));
  }
}

void MappingSearch::refuse() const {
  const OperandBuffers buffers = operand_buffers(chip_, work_);
  throw InputError(fmt::format(
      "layer \"{}\" ({}): no tile fits the buffers (slots of {}, {} and {} bytes)", group_.layer,
      to_string(group_.pass), chip_.buffer(buffers.left).slot_bytes().count(),
      chip_.buffer(buffers.right).slot_bytes().count(), chip_.accumulator.slot_bytes().count()));
}

std::optional<GemmMapping> MappingSearch::next() {
  while (true) {
    expand_sizes();
    if (heap_.empty()) return std::nullopt;
    std::pop_heap(heap_.begin(), heap_.end(), later);
    const Candidate candidate = heap_.back();
    heap_.pop_back();
    if (candidate.knowledge == Knowledge::kExact) {
      return GemmMapping{candidate.tiling, model_.cost(candidate.tiling)};
    }
    refine(candidate);
  }
}

std::vector<GemmMapping> MappingSearch::best() {
  collect();
  while (found_.size() < count_) {
    std::optional<GemmMapping> mapping = next();
    if (!mapping) break;
    if (wants_prediction(*mapping)) {
      mapping->predicted = prediction_->of(mapping->tiling);
      predicted_.push_back(std::move(*mapping));
      continue;
    }
    settle();
    if (found_.size() < count_) found_.push_back(std::move(*mapping));
  }
  settle();
  if (found_.empty()) refuse();
  return std::move(found_);
}

}  // namespace mxsim
