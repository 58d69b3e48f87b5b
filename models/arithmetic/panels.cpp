#include "models/arithmetic/panels.h"

#include "models/arithmetic/mac.h"

namespace mxsim {
namespace {

constexpr std::int64_t kVectorBytes = 16;
using FloatVector = float __attribute__((vector_size(kVectorBytes)));
using DoubleVector = double __attribute__((vector_size(kVectorBytes)));

template <class Vector, class T>
Vector load(const T* source) {
  Vector vector;
  __builtin_memcpy(&vector, source, sizeof vector);
  return vector;
}

void add_exact(const float* a, const float* b, std::int64_t count, PanelSums sums) {
  constexpr std::int64_t kWidth = 4;
  FloatVector total[kPanelRows][kPanelCols / kWidth] = {};
  for (std::int64_t k = 0; k < count; ++k, a += kPanelRows, b += kPanelCols) {
    const FloatVector b0 = load<FloatVector>(b);
    const FloatVector b1 = load<FloatVector>(b + kWidth);
    for (std::int64_t r = 0; r < kPanelRows; ++r) {
      total[r][0] += a[r] * b0;
      total[r][1] += a[r] * b1;
    }
  }
  __builtin_memcpy(sums, total, sizeof total);
}

void add_fused(const float* a, const float* b, std::int64_t count, PanelSums sums) {
  for (std::int64_t k = 0; k < count; ++k, a += kPanelRows, b += kPanelCols) {
    for (std::int64_t r = 0; r < kPanelRows; ++r) {
      for (std::int64_t c = 0; c < kPanelCols; ++c) {
        sums[r][c] = add_product(sums[r][c], a[r], b[c]);
      }
    }
  }
}

}  // namespace

template <class T>
template <class Element>
Panels<T>::Panels(const ArrayCommand& command, const TileData& data, Element element)
    : a(static_cast<std::size_t>(round_up(command.m, kPanelRows) * command.k)),
      b(static_cast<std::size_t>(round_up(command.n, kPanelCols) * command.k)),
      k(command.k) {
  const ArrayOperand* source = data.a.data();
  for (std::int64_t i = 0; i < command.m; ++i) {
    T* target = a.data() + i / kPanelRows * k * kPanelRows + i % kPanelRows;
    for (std::int64_t x = 0; x < k; ++x)
      target[x * kPanelRows] = element(data.a_decoder->decode(*source++));
  }
  source = data.b.data();
  for (std::int64_t x = 0; x < k; ++x) {
    for (std::int64_t j = 0; j < command.n; ++j) {
      b[static_cast<std::size_t>((j / kPanelCols * k + x) * kPanelCols + j % kPanelCols)] =
          element(data.b_decoder->decode(*source++));
    }
  }
}

Fp32Panels::Fp32Panels(const ArrayCommand& command, const TileData& data, bool exact)
    : values_(command, data, [](const DecodedOperand& operand) { return operand.value; }),
      exact_(exact) {}

void Fp32Panels::operator()(std::int64_t row_panel, std::int64_t col_panel, std::int64_t begin,
                            std::int64_t end, PanelSums sums) const {
  for (auto& row : sums) std::fill(std::begin(row), std::end(row), 0.0F);
  const float* a = values_.a_panel(row_panel) + begin * kPanelRows;
  const float* b = values_.b_panel(col_panel) + begin * kPanelCols;
  exact_ ? add_exact(a, b, end - begin, sums) : add_fused(a, b, end - begin, sums);
}

PartEnds::PartEnds(const SumRule& rule, const ArrayCommand& command)
    : blocks_(command.blocks), rows_(command.m), ends_(static_cast<std::size_t>(blocks_.kinds())) {
  blocks_.for_each_kind(0, rows_, [&](std::int64_t row, std::int64_t) {
    std::vector<std::uint8_t>& ends = ends_[static_cast<std::size_t>(blocks_.kind(row))];
    // No part ends with the last element: the pass does.
    for (std::int64_t k = 0; k + 1 < command.k; ++k) ends.push_back(rule.ends_part(row, k));
    ends.push_back(1);
  });
}

BlockPanels::BlockPanels(const SumRule& rule, const ArrayCommand& command, const TileData& data)
    : fixed_(command, data, [](const DecodedOperand& operand) { return operand.steps(); }),
      scales_(command, data, [](const DecodedOperand& operand) { return operand.step; }),
      ends_(rule, command) {}

void BlockPanels::operator()(std::int64_t row_panel, std::int64_t col_panel, std::int64_t begin,
                             std::int64_t end, PanelSums sums) const {
  constexpr std::int64_t kWidth = 2;
  constexpr std::int64_t kVectors = kPanelCols / kWidth;
  for (auto& row : sums) std::fill(std::begin(row), std::end(row), 0.0F);
  const double* a_scale = scales_.a_panel(row_panel);
  const double* b_scale = scales_.b_panel(col_panel);
  for (std::int64_t r = 0; r < kPanelRows; ++r) {
    const std::vector<std::uint8_t>& ends = ends_.of_row(row_panel * kPanelRows + r);
    for (std::int64_t first = begin; first < end;) {
      std::int64_t past = first + 1;
      while (past < end && ends[static_cast<std::size_t>(past - 1)] == 0) ++past;
      const double* a = fixed_.a_panel(row_panel) + first * kPanelRows + r;
      const double* b = fixed_.b_panel(col_panel) + first * kPanelCols;
      DoubleVector block[kVectors] = {};
      for (std::int64_t k = first; k < past; ++k, a += kPanelRows, b += kPanelCols) {
        for (std::int64_t v = 0; v < kVectors; ++v) {
          block[v] += *a * load<DoubleVector>(b + v * kWidth);
        }
      }
      for (std::int64_t c = 0; c < kPanelCols; ++c) {
        const double scale = a_scale[first * kPanelRows + r] * b_scale[first * kPanelCols + c];
        sums[r][c] =
            static_cast<float>(add_scaled_to_odd(sums[r][c], block[c / kWidth][c % kWidth], scale));
      }
      first = past;
    }
  }
}

GeneralPanels::GeneralPanels(const SumRule& rule, const ArrayCommand& command, const TileData& data)
    : operands_(command, data, [](const DecodedOperand& operand) { return operand; }),
      lane_(rule),
      ends_(rule, command) {
  for (std::int64_t k = 0; k < command.k; ++k) chunk_ends_.push_back(rule.ends_chunk(k));
}

void GeneralPanels::operator()(std::int64_t row_panel, std::int64_t col_panel, std::int64_t begin,
                               std::int64_t end, PanelSums sums) const {
  PartialSum results[kPanelRows][kPanelCols];
  const DecodedOperand* a = operands_.a_panel(row_panel) + begin * kPanelRows;
  const DecodedOperand* b = operands_.b_panel(col_panel) + begin * kPanelCols;
  for (std::int64_t k = begin; k < end; ++k, a += kPanelRows, b += kPanelCols) {
    const auto at = static_cast<std::size_t>(k);
    for (std::int64_t r = 0; r < kPanelRows; ++r) {
      const SumEnds ends = k == end - 1 ? SumEnds{true, true}
                                        : SumEnds{ends_.of_row(row_panel * kPanelRows + r)[at] != 0,
                                                  chunk_ends_[at] != 0};
      for (std::int64_t c = 0; c < kPanelCols; ++c) lane_.mac(results[r][c], a[r], b[c], ends);
    }
  }
  for (std::int64_t r = 0; r < kPanelRows; ++r) {
    for (std::int64_t c = 0; c < kPanelCols; ++c) sums[r][c] = results[r][c].value;
  }
}

}  // namespace mxsim
