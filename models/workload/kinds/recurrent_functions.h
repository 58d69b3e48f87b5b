#pragma once

#include <algorithm>
#include <cmath>

#include "models/workload/step_function.h"

namespace mxsim {

/// Rows (sequence, token) of the read; row `sequence` of a write for each token.
struct CutTokensKernel {
  template <class T>
  static void run(const StepData<T>& data, std::int64_t begin, std::int64_t end) {
    const auto tokens = static_cast<std::int64_t>(data.writes.size());
    for (std::int64_t row = begin; row < end; ++row) {
      for (std::int64_t t = 0; t < tokens; ++t) {
        std::copy_n(data.reads[0].row(row * tokens + t), data.grid.cols,
                    data.writes[static_cast<std::size_t>(t)].row(row));
      }
    }
  }
};

/// The other way: a read for each token.
struct JoinTokensKernel {
  template <class T>
  static void run(const StepData<T>& data, std::int64_t begin, std::int64_t end) {
    const auto tokens = static_cast<std::int64_t>(data.reads.size());
    for (std::int64_t row = begin; row < end; ++row) {
      const auto token = static_cast<std::size_t>(row % tokens);
      std::copy_n(data.reads[token].row(row / tokens), data.grid.cols, data.writes[0].row(row));
    }
  }
};

template <class T>
T logistic_gate(T x) {
  return 1 / (1 + std::exp(-x));
}

/// The first reads of a token's gradient: `extents[0]` summands of the hidden state's gradient.
template <class T>
struct HiddenGradient {
  const StepData<T>& data;
  std::size_t count;

  explicit HiddenGradient(const StepData<T>& all)
      : data(all), count(static_cast<std::size_t>(all.parameters.extents[0])) {}
  T at(std::int64_t row, std::int64_t i) const {
    T sum = 0;
    for (std::size_t k = 0; k < count; ++k) sum += data.reads[k].row(row)[i];
    return sum;
  }
  const T* behind(std::size_t index, std::int64_t row) const {
    return data.reads[count + index].row(row);
  }
};

}  // namespace mxsim
