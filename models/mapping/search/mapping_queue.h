#pragma once

#include <cstdint>
#include <optional>
#include <tuple>
#include <vector>

#include "models/mapping/plan/gemm_mapping.h"
#include "models/mapping/search/mapping_model.h"
#include "models/mapping/search/tile_candidates.h"

namespace mxsim {

/// The mappings of one GEMM over tile sizes (tile_candidates.h) times loop orders, best first by
/// MappingModel. Equally good ones come in the order of their tilings.
///
/// Whatever may be the best is looked at more closely until a mapping that is known exactly leads:
/// all columns of some positions and weights together, then each size, then with the exact parts
/// of the array, the left operand and the right one, then exactly, order by order.
class MappingQueue {
 public:
  /// All outlive it.
  MappingQueue(const OpGroup& group, const GemmWork& work, const std::vector<StoredTensor>& tensors,
               const MapperChip& chip, const KeptTensors& kept = {});

  /// The next best mapping that fits; nothing when there are no more.
  std::optional<GemmMapping> next();

 private:
  using OperandSizes = MappingModel::OperandSizes;
  /// Right operands of all columns, largest first, with the same weights or positions.
  struct Rights {
    std::size_t first = 0;            ///< that fits; so do all behind it
    std::vector<OperandSizes> each;   ///< by column
    std::vector<std::int64_t> least;  ///< bytes moved for this column or one behind it
  };
  enum class Stage : std::uint8_t { kColumns, kSizes, kArray, kLeft, kRight };
  /// Sizes by their places in candidates_, and a bound of their score.
  struct Open {
    MappingScore least;
    std::uint32_t positions, weights, columns;
    Stage stage;
  };
  struct Known {
    MappingScore score;
    GemmTiling tiling;
  };

  static bool worse(const Open& a, const Open& b) { return b.least < a.least; }
  static bool later(const Known& a, const Known& b) {
    return std::tie(b.score, b.tiling) < std::tie(a.score, a.tiling);
  }
  GemmTiling tiling_of(const Open& open) const;
  MappingScore score_of(const MappingCost& cost) const;
  Rights rights(std::uint32_t positions, std::uint32_t weights);
  const Rights& rights_of(const Open& open) const;
  std::size_t first_that_fits(const Open& open) const;
  void open_all();
  void advance(Open open);
  void open_columns(Open open);
  void look_closer(Open open);
  void know(const GemmTiling& sizes);
  void push(const Open& open);

  const GemmWork& work_;
  const MapperChip& chip_;
  MappingModel model_;
  TileCandidates candidates_;
  std::vector<Rights> rights_;         ///< by weights, or by positions where those are summed
  std::vector<std::int64_t> results_;  ///< least bytes moved for this column or one behind it
  std::vector<Open> open_;             ///< heap
  std::vector<Known> known_;           ///< heap
};

}  // namespace mxsim
