#pragma once

#include <algorithm>
#include <cmath>
#include <limits>

#include "models/workload/step_function.h"

namespace mxsim {

/// Rows are (batch element, head, query), columns keys. `extents`: queries, heads, tokens before
/// the first query, token of the first key, whether later tokens are masked, window (0: none);
/// `constants`: the scale.
struct AttentionMask {
  std::int64_t queries;
  std::int64_t heads;
  std::int64_t context;
  std::int64_t first_key;
  bool causal;
  std::int64_t window;

  explicit AttentionMask(const StepParameters& p)
      : queries(p.extents[0]),
        heads(p.extents[1]),
        context(p.extents[2]),
        first_key(p.extents[3]),
        causal(p.extents[4] == 1),
        window(p.extents[5]) {}

  std::int64_t head(std::int64_t row) const { return row / queries % heads; }
  bool sees(std::int64_t row, std::int64_t column) const {
    const std::int64_t query = context + row % queries;
    const std::int64_t key = first_key + column;
    return !(causal && key > query) && !(window > 0 && key <= query - window);
  }
};

/// Softmax of the scaled scores that each query sees. A broadcast holds one score more a head,
/// which has no column.
struct AttentionSoftmaxKernel {
  template <class T>
  static void run(const StepData<T>& data, std::int64_t begin, std::int64_t end) {
    const AttentionMask mask(data.parameters);
    const T scale = T(data.parameters.constants[0]);
    for (std::int64_t row = begin; row < end; ++row) {
      const T* const x = data.reads[0].row(row);
      T* const y = data.writes[0].row(row);
      T largest = -std::numeric_limits<T>::infinity();
      if (!data.broadcasts.empty()) largest = data.broadcasts[0].data[mask.head(row)];
      for (std::int64_t i = 0; i < data.grid.cols; ++i) {
        if (mask.sees(row, i)) largest = std::max(largest, y[i] = x[i] * scale);
      }
      T sum = 0;
      if (!data.broadcasts.empty()) {
        sum = std::exp(data.broadcasts[0].data[mask.head(row)] - largest);
      }
      for (std::int64_t i = 0; i < data.grid.cols; ++i) {
        y[i] = mask.sees(row, i) ? std::exp(y[i] - largest) : T(0);
        sum += y[i];
      }
      const T share = 1 / sum;
      for (std::int64_t i = 0; i < data.grid.cols; ++i) y[i] *= share;
    }
  }
};

/// dx = y (dy - sum(y dy)) scale; a sum takes the gradient of each head's further score.
struct AttentionSoftmaxGradientKernel {
  template <class T>
  static void run(const StepData<T>& data, std::int64_t begin, std::int64_t end) {
    const AttentionMask mask(data.parameters);
    const T scale = T(data.parameters.constants[0]);
    for (std::int64_t row = begin; row < end; ++row) {
      const T* const dy = data.reads[0].row(row);
      const T* const y = data.reads[1].row(row);
      T* const dx = data.writes[0].row(row);
      T sum = 0;
      T whole = 0;
      for (std::int64_t i = 0; i < data.grid.cols; ++i) {
        sum += y[i] * dy[i];
        whole += y[i];
      }
      for (std::int64_t i = 0; i < data.grid.cols; ++i) dx[i] = y[i] * (dy[i] - sum) * scale;
      if (!data.sums.empty()) data.sums[0].data[mask.head(row)] -= (1 - whole) * sum;
    }
  }
};

}  // namespace mxsim
