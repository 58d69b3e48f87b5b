#include "models/mapping/search/gemm_prediction.h"

#include <map>

#include "models/mapping/prediction/run_prediction.h"
#include "models/workload/group_tensors.h"
#include "models/workload/kept_alignment.h"

namespace mxsim {
namespace {

/// Copies what is used of the tensors, each once, and numbers them anew.
class TensorCopies {
 public:
  TensorCopies(const std::vector<StoredTensor>& from, std::vector<StoredTensor>& to)
      : from_(from), to_(to) {}

  void renumber(TensorId& id) {
    const auto [entry, is_new] = known_.try_emplace(id, static_cast<TensorId>(to_.size()));
    if (is_new) {
      to_.push_back(from_.at(static_cast<std::size_t>(id)));
      to_.back().tail_of = -1;  // the whole may be elsewhere
    }
    id = entry->second;
  }

  /// The kept ones, side by side.
  std::vector<Resident> residents(const KeptTensors& kept) const {
    std::vector<Resident> residents;
    std::int64_t offset = 0;
    for (const auto& [old, id] : known_) {
      const bool copied = kept.copied.contains(old);
      if (!copied && !kept.reads(old) && !kept.stays(old)) continue;
      const auto copy = copied ? Resident::Copy::kInDram : Resident::Copy::kNone;
      residents.push_back({id, offset, 0, 0, copy});
      offset += round_up(to_.at(static_cast<std::size_t>(id)).bytes().count(), kKeptAlignment);
    }
    return residents;
  }

 private:
  const std::vector<StoredTensor>& from_;
  std::vector<StoredTensor>& to_;
  std::map<TensorId, TensorId> known_;
};

}  // namespace

GemmPrediction::GemmPrediction(const OpGroup& group, const GemmWork& work,
                               const std::vector<StoredTensor>& tensors, const MapperChip& chip,
                               const KeptTensors& kept)
    : chip_(chip) {
  OpGroup& alone = ops_.groups.emplace_back(group);
  alone.gemms = {work};
  TensorCopies copies(tensors, ops_.tensors);
  const auto renumber = [&](TensorId& id) { copies.renumber(id); };
  visit_reads(alone, renumber);
  visit_writes(alone, renumber);
  residents_ = copies.residents(kept);
}

Cycles GemmPrediction::of(const GemmTiling& tiling) const {
  constexpr Bytes kAnyCapacity{INT64_MAX};
  const RunPlan plan(ops_, chip_, kAnyCapacity, {{{tiling, {}}}}, residents_);
  return predict_run(plan, *chip_.around, MemoryDetail::kBanks).cycles;
}

}  // namespace mxsim
