#include "models/mapping/search/mapping_search.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "models/core/error.h"

namespace mxsim {
namespace {

/// What all predictions together may cost, at least and in mappings like the favourite, and what
/// one costs whatever its size, in tiles on an ideal memory.
constexpr std::int64_t kPredictedTiles = 65536;
constexpr std::int64_t kPredictedFavourites = 8;
constexpr std::int64_t kPredictionTiles = 16;
/// So many of them cost as much as a tile whose transfers are looked at bank by bank.
constexpr std::int64_t kBankTiles = 8;
/// Mappings among which the next to be predicted is chosen.
constexpr std::size_t kMostOpen = 2048;
/// Resources that overlap perfectly take as long as the busiest, in a row as long as all together:
/// norms of infinite order and of order 1.
constexpr double kContention = 1.5;
/// The best predicted one has won when no other estimate is better by more than this factor.
constexpr double kGoodEnough = 1.01;

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

double MappingSearch::estimate_of(const GemmMapping& mapping) const {
  return std::get<0>(score_of(mapping.cost));
}

double MappingSearch::predicted_of(const GemmMapping& mapping) const {
  return std::get<0>(predicted_score(mapping));
}

double MappingSearch::contended(const GemmMapping& mapping) const {
  MappingCost cost = mapping.cost;
  double sum = 0;
  for (const double busy :
       {cost.start_cycles + cost.array_cycles + cost.end_cycles, cost.slot_cycles,
        cost.vector_cycles, cost.dma_cycles, std::max(cost.dram_cycles, cost.channel_cycles)}) {
    sum += std::pow(busy, kContention);
  }
  const double cycles = std::pow(sum, 1 / kContention);
  cost.energy_pj += (cycles - cost.cycles) * chip_.mapping.prices.cycle;
  cost.cycles = cycles;
  return std::get<0>(score_of(cost));
}

std::int64_t MappingSearch::price(const GemmMapping& mapping) const {
  const std::int64_t tiles = kPredictionTiles + mapping.cost.tiles;
  return chip_.around->dram.ideal ? tiles : kBankTiles * tiles;
}

double MappingSearch::least_worth_predicting() const {
  return predicted_.empty() ? HUGE_VAL : predicted_of(predicted_.front()) / kGoodEnough;
}

void MappingSearch::open_more() {
  const std::size_t most = predicted_.empty() ? 1 : kMostOpen;
  const double better = least_worth_predicting();
  while (open_.size() < most && (open_.empty() || open_.back().estimate <= better)) {
    std::optional<GemmMapping> next = queue_.next();
    if (!next) return;
    const double estimate = estimate_of(*next);
    const double contended = this->contended(*next);
    open_.push_back({std::move(*next), estimate, contended});
  }
}

std::optional<GemmMapping> MappingSearch::next_leader() {
  const bool by_tiles = predicted_.size() % 2 == 1;
  const double better = least_worth_predicting();
  auto leader = open_.end();
  double least = HUGE_VAL;
  for (auto each = open_.begin(); each != open_.end() && each->estimate < better; ++each) {
    const std::int64_t tiles = each->mapping.cost.tiles;
    if (spent_ + price(each->mapping) > budget_) continue;
    const double rank = by_tiles ? static_cast<double>(tiles) : each->contended;
    if (rank >= least) continue;
    least = rank;
    leader = each;
  }
  if (leader == open_.end()) return std::nullopt;
  std::optional<GemmMapping> found = std::move(leader->mapping);
  open_.erase(leader);
  return found;
}

void MappingSearch::predict_leaders() {
  open_more();
  if (!open_.empty()) {
    budget_ = std::max(kPredictedTiles, kPredictedFavourites * price(open_.front().mapping));
  }
  while (true) {
    open_more();
    std::optional<GemmMapping> leader = next_leader();
    if (!leader) break;
    leader->predicted = prediction_->of(leader->tiling);
    spent_ += price(*leader);
    const auto place = std::upper_bound(
        predicted_.begin(), predicted_.end(), *leader,
        [&](const auto& a, const auto& b) { return predicted_score(a) < predicted_score(b); });
    predicted_.insert(place, std::move(*leader));
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
  if (prediction_) predict_leaders();
  std::vector<GemmMapping> found = std::move(predicted_);
  for (Open& each : open_) found.push_back(std::move(each.mapping));
  while (found.size() < count_) {
    std::optional<GemmMapping> next = queue_.next();
    if (!next) break;
    found.push_back(std::move(*next));
  }
  if (found.empty()) refuse();
  if (found.size() > count_)
    found.erase(found.begin() + static_cast<std::ptrdiff_t>(count_), found.end());
  return found;
}

}  // namespace mxsim
