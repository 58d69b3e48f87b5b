#include "models/mapping/search/mapping_search.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>
#include <utility>

#include "models/core/error.h"

namespace mxsim {
namespace {

/// Mappings that are predicted, and how many tiles they may have together: what predictions cost
/// grows with them.
constexpr std::size_t kMostPredicted = 16;
constexpr std::int64_t kMostPredictedTiles = 1024;
/// The best predicted one has won when the next estimate is not better by more than this factor.
constexpr double kGoodEnough = 1.02;

/// What the model prefers is taken unless another is predicted to be better than by this factor.
constexpr double kWorthChanging = 0.98;

}  // namespace

MappingSearch::MappingSearch(const OpGroup& group, const GemmWork& work,
                             const std::vector<StoredTensor>& tensors, const MapperChip& chip,
                             std::size_t count, const KeptTensors& kept)
    : group_(group),
      work_(work),
      chip_(chip),
      count_(count),
      queue_(group, work, tensors, chip, kept) {
  if (chip.around && chip.mapping.objective != MappingObjective::kDramBytes) {
    prediction_.emplace(group, work, tensors, chip, kept);
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
  const std::int64_t tiles =
      std::accumulate(predicted_.begin(), predicted_.end(), next.cost.tiles,
                      [](std::int64_t sum, const auto& known) { return sum + known.cost.tiles; });
  if (tiles > kMostPredictedTiles) return false;
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
  std::string message = fmt::format(
      "layer \"{}\" ({}): no tile fits the buffers (slots of {}, {} and {} bytes)", group_.layer,
      to_string(group_.pass), chip_.buffer(buffers.left).slot_bytes().count(),
      chip_.buffer(buffers.right).slot_bytes().count(), chip_.accumulator.slot_bytes().count());
  throw InputError({{"", "/chip/buffers", std::move(message)}});
}

std::vector<GemmMapping> MappingSearch::best() {
  while (found_.size() < count_) {
    std::optional<GemmMapping> mapping = queue_.next();
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
