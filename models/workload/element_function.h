#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <type_traits>
#include <utility>
#include <vector>

#include "models/workload/step_function.h"

namespace mxsim {

/// Element i of the result is F(element i of each read, then of each broadcast). A broadcast has
/// one row, of the grid's columns; a read that has fewer rows than the grid is repeated.
template <class F>
struct ElementKernel {
  template <class T>
  static void run(const StepData<T>& data, std::int64_t begin, std::int64_t end) {
    if constexpr (std::is_invocable_v<F, T, T, T>) {
      rows<3>(data, begin, end);
    } else if constexpr (std::is_invocable_v<F, T, T>) {
      rows<2>(data, begin, end);
    } else {
      rows<1>(data, begin, end);
    }
  }

 private:
  template <class T>
  static const T* operand(const StepData<T>& data, std::size_t index, std::int64_t row) {
    const std::size_t reads = data.reads.size();
    const auto& matrix = index < reads ? data.reads[index] : data.broadcasts[index - reads];
    return matrix.row(row % matrix.rows);
  }

  template <int kCount, class T>
  static void rows(const StepData<T>& data, std::int64_t begin, std::int64_t end) {
    const std::int64_t cols = data.grid.cols;
    for (std::int64_t row = begin; row < end; ++row) {
      T* const y = data.writes[0].row(row);
      const T* const a = operand(data, 0, row);
      if constexpr (kCount == 1) {
        for (std::int64_t i = 0; i < cols; ++i) y[i] = F{}(a[i]);
      } else if constexpr (kCount == 2) {
        const T* const b = operand(data, 1, row);
        for (std::int64_t i = 0; i < cols; ++i) y[i] = F{}(a[i], b[i]);
      } else {
        const T* const b = operand(data, 1, row);
        const T* const c = operand(data, 2, row);
        for (std::int64_t i = 0; i < cols; ++i) y[i] = F{}(a[i], b[i], c[i]);
      }
    }
  }
};

/// The same with constants of the step: F(element of each read, constants).
template <class F>
struct ConstantElementKernel {
  template <class T>
  static void run(const StepData<T>& data, std::int64_t begin, std::int64_t end) {
    std::array<T, 4> held{};
    for (std::size_t i = 0; i < data.parameters.constants.size(); ++i) {
      held[i] = T(data.parameters.constants[i]);
    }
    const T* const c = held.data();
    for (std::int64_t row = begin; row < end; ++row) {
      T* const y = data.writes[0].row(row);
      const T* const a = data.reads[0].row(row);
      if constexpr (std::is_invocable_v<F, T, T, const T*>) {
        const T* const b = data.reads[1].row(row);
        for (std::int64_t i = 0; i < data.grid.cols; ++i) y[i] = F{}(a[i], b[i], c);
      } else {
        for (std::int64_t i = 0; i < data.grid.cols; ++i) y[i] = F{}(a[i], c);
      }
    }
  }
};

/// Of a lambda that takes elements and a pointer to at most four constants.
template <class F>
StepFunction element_with(std::vector<double> constants, F) {
  StepParameters parameters;
  parameters.constants = std::move(constants);
  return step_function<ConstantElementKernel<F>>(std::move(parameters));
}

/// Of a lambda without captures that takes and returns a float, or a double.
template <class F>
StepFunction element(F) {
  return step_function<ElementKernel<F>>();
}

/// The sum of two operands.
inline StepFunction added() {
  return element([](auto a, auto b) { return a + b; });
}

/// Results are sums over the rows of the grid of their first read.
struct RowSumKernel {
  template <class T>
  static void run(const StepData<T>& data, std::int64_t begin, std::int64_t end) {
    T* const sum = data.sums[0].data;
    for (std::int64_t row = begin; row < end; ++row) {
      const T* const x = data.reads[0].row(row);
      for (std::int64_t i = 0; i < data.grid.cols; ++i) sum[i] += x[i];
    }
  }
};

/// Elements that go to other places: the element of the result at coordinates (i, j, ...) of
/// `extents` (row-major) is that of the first read at constant offset strides.back() + i *
/// strides[0] + j * strides[1] + ...
struct StridedCopyKernel {
  template <class T>
  static void run(const StepData<T>& data, std::int64_t begin, std::int64_t end) {
    const auto& extents = data.parameters.extents;
    const auto& strides = data.parameters.strides;
    const std::size_t inner = extents.size() - 1;
    const std::int64_t past = end * data.grid.cols;
    for (std::int64_t at = begin * data.grid.cols; at < past;) {
      std::int64_t rest = at / extents[inner];
      const std::int64_t first = at % extents[inner];
      std::int64_t source = strides.back() + first * strides[inner];
      for (std::size_t axis = inner; axis-- > 0; rest /= extents[axis]) {
        source += rest % extents[axis] * strides[axis];
      }
      const std::int64_t count = std::min(extents[inner] - first, past - at);
      const T* from = data.reads[0].data + source;
      T* const to = data.writes[0].data + at;
      for (std::int64_t i = 0; i < count; ++i) to[i] = from[i * strides[inner]];
      at += count;
    }
  }
};

/// `strides` without the constant offset.
inline StepFunction strided_copy(std::vector<std::int64_t> extents,
                                 std::vector<std::int64_t> strides, std::int64_t offset = 0) {
  strides.push_back(offset);
  StepParameters parameters;
  parameters.extents = std::move(extents);
  parameters.strides = std::move(strides);
  return step_function<StridedCopyKernel>(std::move(parameters));
}

/// The same elements in the same order.
inline StepFunction plain_copy(MatrixView view) {
  return strided_copy({view.rows, view.cols}, {view.cols, 1});
}

}  // namespace mxsim
