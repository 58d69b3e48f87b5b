#pragma once

#include <optional>
#include <vector>

#include "models/mapping/search/gemm_mapping.h"
#include "models/mapping/search/gemm_prediction.h"
#include "models/mapping/search/mapping_queue.h"

namespace mxsim {

/// The best mappings of one GEMM.
///
/// If the chip knows what is around it and time counts, the model's best few (mapping_queue.h) are
/// predicted (gemm_prediction.h), until none of the others can be better by its estimate; one that
/// is predicted to be clearly better than the model's favourite goes before it.
class MappingSearch {
 public:
  /// All outlive it.
  MappingSearch(const OpGroup& group, const GemmWork& work,
                const std::vector<StoredTensor>& tensors, const MapperChip& chip, std::size_t count,
                const KeptTensors& kept = {});

  /// Throws InputError when not even the smallest tile fits.
  std::vector<GemmMapping> best();

 private:
  MappingScore score_of(const MappingCost& cost) const {
    return score(cost, chip_.mapping.objective);
  }
  MappingScore predicted_score(const GemmMapping& mapping) const;
  bool wants_prediction(const GemmMapping& next) const;
  /// Moves what is predicted to the answer, best first.
  void settle();
  [[noreturn]] void refuse() const;

  const OpGroup& group_;
  const GemmWork& work_;
  const MapperChip& chip_;
  std::size_t count_;
  MappingQueue queue_;
  std::optional<GemmPrediction> prediction_;
  std::vector<GemmMapping> predicted_;
  bool settled_ = false;
  std::vector<GemmMapping> found_;
};

}  // namespace mxsim
