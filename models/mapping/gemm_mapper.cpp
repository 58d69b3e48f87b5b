#include "models/mapping/gemm_mapper.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <utility>

#include "models/core/error.h"
#include "models/mapping/mapping_model.h"
#include "models/mapping/tile_candidates.h"

namespace mxsim {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr MappingScore kWorst{kInfinity, kInfinity, kInfinity};

/// How well the score of a candidate is known: from below, from below with the array's exact part,
/// exactly.
enum class Knowledge : std::uint8_t { kBound, kCloserBound, kExact };

struct Candidate {
  MappingScore score;
  GemmTiling tiling;
  Knowledge knowledge = Knowledge::kBound;
  std::size_t sizes = 0;  ///< index into Search::sizes_
};

/// Best first: the candidate that may be the best is looked at more closely until one that is known
/// exactly leads.
class Search {
 public:
  Search(const OpGroup& group, const GemmWork& work, const std::vector<StoredTensor>& tensors,
         const MapperChip& chip, std::size_t count)
      : group_(group),
        work_(work),
        tensors_(tensors),
        chip_(chip),
        count_(count),
        model_(group, work, tensors, chip) {}

  std::vector<GemmMapping> best();

 private:
  static bool later(const Candidate& a, const Candidate& b) {
    return std::tie(b.score, b.tiling) < std::tie(a.score, a.tiling);
  }
  MappingScore score_of(const MappingCost& cost) const {
    return score(cost, chip_.mapping.objective);
  }
  void collect();
  void collect_orders(GemmTiling tiling);
  /// Costs a mapping that promises more than all before it: what is bound to be worse than the best
  /// known needs no place in the heap.
  void try_incumbent(const MappingScore& least, const GemmTiling& tiling);
  /// Puts the candidate back with a better known score, or drops it if it does not fit.
  void refine(Candidate candidate);
  void push(const Candidate& candidate);
  [[noreturn]] void refuse() const;

  const OpGroup& group_;
  const GemmWork& work_;
  const std::vector<StoredTensor>& tensors_;
  const MapperChip& chip_;
  std::size_t count_;
  MappingModel model_;
  MappingScore best_bound_ = kWorst;
  MappingScore incumbent_ = kWorst;
  std::vector<MappingModel::Sizes> sizes_;
  std::vector<Candidate> heap_;
};

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

void Search::collect_orders(GemmTiling tiling) {
  const std::optional<MappingModel::Sizes> sizes = model_.sizes(tiling);
  if (!sizes) return;
  bool kept = false;
  const unsigned different = different_orders(sizes->trips);
  for (const LoopOrderInfo& each : kLoopOrders) {
    if ((different >> static_cast<unsigned>(each.order) & 1U) == 0) continue;
    const MappingScore least = score_of(model_.bound(*sizes, each.order));
    if (count_ == 1 && incumbent_ < least) continue;
    tiling.order = each.order;
    heap_.push_back({least, tiling, Knowledge::kBound, sizes_.size()});
    kept = true;
    try_incumbent(least, tiling);
  }
  if (kept) sizes_.push_back(*sizes);
}

void Search::try_incumbent(const MappingScore& least, const GemmTiling& tiling) {
  if (count_ > 1 || !(least < best_bound_)) return;
  best_bound_ = least;
  if (model_.misfit(tiling).empty()) {
    incumbent_ = std::min(incumbent_, score_of(model_.cost(tiling)));
  }
}

void Search::collect() {
  const TileCandidates sizes = tile_candidates(work_, tensors_, chip_);
  for (const TileCandidates::Positions& at : sizes.positions) {
    for (const std::int64_t channels : sizes.channels) {
      for (const std::int64_t n : sizes.columns) {
        collect_orders({at.images, at.h, at.w, channels, n, LoopOrder::kRowsColumnsReduction});
      }
    }
  }
  std::make_heap(heap_.begin(), heap_.end(), later);
}

void Search::push(const Candidate& candidate) {
  heap_.push_back(candidate);
  std::push_heap(heap_.begin(), heap_.end(), later);
}

void Search::refine(Candidate candidate) {
  if (candidate.knowledge == Knowledge::kBound) {
    candidate.score = score_of(model_.closer_bound(sizes_[candidate.sizes], candidate.tiling));
    candidate.knowledge = Knowledge::kCloserBound;
    push(candidate);
  } else if (model_.misfit(candidate.tiling).empty()) {
    candidate.score = score_of(model_.cost(candidate.tiling));
    candidate.knowledge = Knowledge::kExact;
    push(candidate);
  }
}

void Search::refuse() const {
  const OperandBuffers buffers = operand_buffers(chip_, work_);
  throw InputError(fmt::format(
      "layer \"{}\" ({}): no tile fits the buffers (slots of {}, {} and {} bytes)", group_.layer,
      to_string(group_.pass), chip_.buffer(buffers.left).slot_bytes().count(),
      chip_.buffer(buffers.right).slot_bytes().count(), chip_.accumulator.slot_bytes().count()));
}

std::vector<GemmMapping> Search::best() {
  collect();
  std::vector<GemmMapping> found;
  while (!heap_.empty() && found.size() < count_) {
    std::pop_heap(heap_.begin(), heap_.end(), later);
    const Candidate candidate = heap_.back();
    heap_.pop_back();
    if (candidate.knowledge == Knowledge::kExact) {
      found.push_back({candidate.tiling, model_.cost(candidate.tiling)});
    } else {
      refine(candidate);
    }
  }
  if (found.empty()) refuse();
  return found;
}

std::string text(const WindowAxis& axis) {
  return fmt::format("{},{},{},{},{},{},{},{},{},{},{}", axis.in, axis.out, axis.taps, axis.stride,
                     axis.dilation, axis.pad, axis.kernel, axis.tap_start, axis.tap_step,
                     axis.out_step, axis.out_start);
}

std::string text(const StoredTensor& tensor) {
  return fmt::format("{}x{}:{}:{}x{}", tensor.rows, tensor.cols, tensor.layout.format.name,
                     tensor.layout.block.rows, tensor.layout.block.cols);
}

}  // namespace

std::vector<GemmMapping> best_mappings(const OpGroup& group, const GemmWork& work,
                                       const std::vector<StoredTensor>& tensors,
                                       const MapperChip& chip, std::size_t count) {
  return Search(group, work, tensors, chip, count).best();
}

GemmMapping map_gemm(const OpGroup& group, const GemmWork& work,
                     const std::vector<StoredTensor>& tensors, const MapperChip& chip) {
  return best_mappings(group, work, tensors, chip, 1).front();
}

std::string search_key(const OpGroup& group, const GemmWork& work,
                       const std::vector<StoredTensor>& tensors) {
  const auto tensor = [&](TensorId id) { return text(tensors.at(static_cast<std::size_t>(id))); };
  const GridSize grid = grid_size(group);
  std::string key = fmt::format(
      "{}|{}|{}|{}|{}|{}|{}|{}|{}|{}|{}|{}|{}|{}|{}{}{}|{}x{}", static_cast<int>(group.pass),
      static_cast<int>(work.kind), work.images, text(work.h), text(work.w), work.channels, work.n,
      work.groups, tensor(work.a), tensor(work.b), static_cast<int>(work.b_orientation),
      work.format_a.name, work.format_b.name, fmt::format("{}x{}", work.batch, work.packed),
      static_cast<int>(work.a_groups), static_cast<int>(work.b_groups),
      static_cast<int>(work.result_groups), grid.height, grid.width);
  for (const VectorOps& each : group.vector_ops) {
    key += fmt::format("|{}:{}", static_cast<int>(each.op), each.per_element);
  }
  for (const TensorId id : group.streamed_reads) key += "|" + tensor(id);
  for (const TensorWrite& write : group.writes) key += "|>" + tensor(write.tensor);
  return key;
}

}  // namespace mxsim
