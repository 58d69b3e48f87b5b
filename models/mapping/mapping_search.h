#pragma once

#include <cstdint>
#include <optional>
#include <tuple>
#include <vector>

#include "models/mapping/gemm_mapping.h"
#include "models/mapping/gemm_prediction.h"
#include "models/mapping/mapping_model.h"
#include "models/mapping/tile_candidates.h"

namespace mxsim {

/// The best mappings of one GEMM over tile sizes (tile_candidates.h) times loop orders.
///
/// Best first: whatever may be the best by MappingModel is looked at more closely until a mapping
/// that is known exactly leads: sizes whatever the order, then each order, then with the array's
/// exact part, then exactly.
///
/// If the chip knows what is around it and time counts, the model's best few are predicted
/// (gemm_prediction.h), until none of the others can be better by its estimate; one that is
/// predicted to be clearly better than the model's favourite goes before it.
class MappingSearch {
 public:
  /// All outlive it.
  MappingSearch(const OpGroup& group, const GemmWork& work,
                const std::vector<StoredTensor>& tensors, const MapperChip& chip,
                std::size_t count);

  /// Throws InputError when not even the smallest tile fits.
  std::vector<GemmMapping> best();

 private:
  /// Sizes by their places in candidates_, and a bound of the first part of their score.
  struct Sizes {
    double least;
    std::uint32_t positions, channels, columns;
  };
  /// How well the score of a candidate is known.
  enum class Knowledge : std::uint8_t { kBound, kCloserBound, kExact };
  struct Candidate {
    MappingScore score;
    GemmTiling tiling;
    Knowledge knowledge = Knowledge::kBound;
  };
  using Operand = std::optional<MappingModel::OperandSizes>;

  static bool worse(const Sizes& a, const Sizes& b) { return b.least < a.least; }
  static bool later(const Candidate& a, const Candidate& b) {
    return std::tie(b.score, b.tiling) < std::tie(a.score, a.tiling);
  }
  MappingScore score_of(const MappingCost& cost) const {
    return score(cost, chip_.mapping.objective);
  }
  MappingScore predicted_score(const GemmMapping& mapping) const;
  void collect();
  void collect(std::uint32_t positions);
  /// Operands without taps have no sizes.
  Operand left(const GemmTiling& tiling);
  Operand right(const GemmTiling& tiling);
  GemmTiling tiling_of(const Sizes& sizes) const;
  /// Puts the orders of all sizes in the heap that may be better than what leads it.
  void expand_sizes();
  void expand(const GemmTiling& sizes);
  /// Puts the candidate back with a better known score, or drops it if it does not fit.
  void refine(Candidate candidate);
  void push(const Candidate& candidate);
  /// The next best mapping by the model; nothing when there are no more.
  std::optional<GemmMapping> next();
  bool wants_prediction(const GemmMapping& next) const;
  /// Moves what is predicted to the answer, best first.
  void settle();
  [[noreturn]] void refuse() const;

  const OpGroup& group_;
  const GemmWork& work_;
  const std::vector<StoredTensor>& tensors_;
  const MapperChip& chip_;
  std::size_t count_;
  MappingModel model_;
  std::optional<GemmPrediction> prediction_;
  TileCandidates candidates_;
  std::vector<Operand> rights_;  ///< by channels and columns, or of one position by columns
  std::vector<Sizes> sizes_;     ///< heap
  std::vector<Candidate> heap_;
  std::vector<GemmMapping> predicted_;
  bool settled_ = false;
  std::vector<GemmMapping> found_;
};

}  // namespace mxsim
