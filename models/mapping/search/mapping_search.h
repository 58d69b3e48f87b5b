#pragma once

#include <optional>
#include <vector>

#include "models/mapping/plan/gemm_mapping.h"
#include "models/mapping/search/gemm_prediction.h"
#include "models/mapping/search/mapping_queue.h"

namespace mxsim {

/// The best mappings of one GEMM.
///
/// If the chip knows what is around it and time counts, mappings are predicted (gemm_prediction.h)
/// until none of the others, whose estimates hardly ever exceed their predictions, can be better by
/// more than 1 %. The next to be predicted is in turn the one whose resources contend least and the
/// one with the fewest tiles. A search with very many tiles ends earlier.
class MappingSearch {
 public:
  /// All outlive it.
  MappingSearch(const OpGroup& group, const GemmWork& work,
                const std::vector<StoredTensor>& tensors, const MapperChip& chip, std::size_t count,
                const KeptTensors& kept = {});

  /// Throws InputError when not even the smallest tile fits.
  std::vector<GemmMapping> best();

 private:
  /// From the queue, not predicted; `estimate` and `contended` are the first numbers of scores.
  struct Open {
    GemmMapping mapping;
    double estimate = 0;
    double contended = 0;
  };

  MappingScore score_of(const MappingCost& cost) const {
    return score(cost, chip_.mapping.objective);
  }
  double estimate_of(const GemmMapping& mapping) const;
  double predicted_of(const GemmMapping& mapping) const;
  /// What the estimate would be if resources did not overlap perfectly.
  double contended(const GemmMapping& mapping) const;
  MappingScore predicted_score(const GemmMapping& mapping) const;
  /// What its prediction costs of the budget.
  std::int64_t price(const GemmMapping& mapping) const;
  void predict_leaders();
  /// Estimates of at least so much cannot be better than the best predicted one.
  double least_worth_predicting() const;
  /// Takes more from the queue while they may lead as well as the first.
  void open_more();
  /// The next to be predicted, if any can be better than the best predicted one.
  std::optional<GemmMapping> next_leader();
  [[noreturn]] void refuse() const;

  const OpGroup& group_;
  const GemmWork& work_;
  const MapperChip& chip_;
  std::size_t count_;
  MappingQueue queue_;
  std::optional<GemmPrediction> prediction_;
  std::vector<Open> open_;
  std::vector<GemmMapping> predicted_;  ///< the best first
  std::int64_t spent_ = 0;
  std::int64_t budget_ = 0;  ///< of spent_
};

}  // namespace mxsim
