#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "models/arithmetic/lanes.h"
#include "models/dataflow/sum_rule.h"

namespace mxsim {

inline constexpr std::int64_t kPanelRows = 4;
inline constexpr std::int64_t kPanelCols = 8;

/// Operands of a command packed for a kernel that adds kPanelRows x kPanelCols results at a time:
/// A as [row panel][k][row], B as [column panel][k][column], zeros at ragged edges.
template <class T>
struct Panels {
  std::vector<T> a;
  std::vector<T> b;
  std::int64_t k = 0;

  template <class Element>
  Panels(const ArrayCommand& command, const TileData& data, Element element);
  const T* a_panel(std::int64_t panel) const { return a.data() + panel * k * kPanelRows; }
  const T* b_panel(std::int64_t panel) const { return b.data() + panel * k * kPanelCols; }
};

using PanelSums = float (&)[kPanelRows][kPanelCols];

/// Sums of products rounded one by one.
class Fp32Panels {
 public:
  /// `exact`: every product is exact in FP32 (exact_products).
  Fp32Panels(const ArrayCommand& command, const TileData& data, bool exact);
  /// sums = A[row panel, begin .. end) B[begin .. end, column panel), from zero.
  void operator()(std::int64_t row_panel, std::int64_t col_panel, std::int64_t begin,
                  std::int64_t end, PanelSums sums) const;

 private:
  Panels<float> values_;
  bool exact_;
};

/// Where exact parts end, row by row of the result.
class PartEnds {
 public:
  PartEnds(const SumRule& rule, const ArrayCommand& command);
  /// By k. Rows beyond the result, at its ragged edge, end as the last one does.
  const std::vector<std::uint8_t>& of_row(std::int64_t row) const {
    return ends_[static_cast<std::size_t>(blocks_.kind(std::min(row, rows_ - 1)))];
  }

 private:
  ReductionBlocks blocks_;
  std::int64_t rows_;
  std::vector<std::vector<std::uint8_t>> ends_;  ///< by kind
};

/// Exact parts, each rounded once into FP32. Their sums are integers held in doubles, exact below
/// 2^53.
class BlockPanels {
 public:
  BlockPanels(const SumRule& rule, const ArrayCommand& command, const TileData& data);
  void operator()(std::int64_t row_panel, std::int64_t col_panel, std::int64_t begin,
                  std::int64_t end, PanelSums sums) const;

 private:
  Panels<double> fixed_;
  Panels<double> scales_;
  PartEnds ends_;
};

/// Any rule, a result at a time.
class GeneralPanels {
 public:
  GeneralPanels(const SumRule& rule, const ArrayCommand& command, const TileData& data);
  void operator()(std::int64_t row_panel, std::int64_t col_panel, std::int64_t begin,
                  std::int64_t end, PanelSums sums) const;

 private:
  Panels<DecodedOperand> operands_;
  GeneralLane lane_;
  PartEnds ends_;
  std::vector<std::uint8_t> chunk_ends_;  ///< by k
};

}  // namespace mxsim
