#pragma once

#include <cstdint>
#include <span>
#include <type_traits>
#include <utility>
#include <vector>

#include "models/workload/matrix_view.h"
#include "models/workload/step_settings.h"
#include "models/workload/window_axis.h"

namespace mxsim {

/// A row-major matrix that a step reads or writes.
template <class T>
struct StepMatrix {
  T* data = nullptr;
  std::int64_t rows = 0;
  std::int64_t cols = 0;

  T* row(std::int64_t index) const { return data + index * cols; }
};

/// Constants of a step: what its function needs to know beside its operands.
struct StepParameters {
  std::vector<std::int64_t> extents = {};
  std::vector<std::int64_t> strides = {};
  std::vector<double> constants = {};
  WindowAxis h = {};
  WindowAxis w = {};
};

/// Operands of a step in the order of Step. Results of reductions and `sums` are sums over the rows
/// of the grid, to which the function adds.
template <class T>
struct StepData {
  MatrixView grid;
  std::vector<StepMatrix<const T>> reads;
  std::vector<StepMatrix<const T>> broadcasts;
  std::vector<StepMatrix<T>> writes;
  std::vector<StepMatrix<T>> sums;
  const StepParameters& parameters;
  const StepSettings& settings;
};

/// Computes grid rows [begin, end): writes their results, and adds their summands to `sums` in
/// order of the rows.
template <class T>
using StepKernel = void (*)(const StepData<T>&, std::int64_t begin, std::int64_t end);

/// What a step computes. The chip's vector unit computes in FP32; the function in double serves
/// checks of gradients.
struct StepFunction {
  StepKernel<float> single = nullptr;
  StepKernel<double> twice = nullptr;
  StepParameters parameters = {};

  explicit operator bool() const { return single != nullptr; }
  template <class T>
  StepKernel<T> kernel() const {
    if constexpr (std::is_same_v<T, float>) {
      return single;
    } else {
      return twice;
    }
  }
};

/// Of a kernel `template <class T> static void run(const StepData<T>&, begin, end)`.
template <class Kernel>
StepFunction step_function(StepParameters parameters = {}) {
  return {&Kernel::template run<float>, &Kernel::template run<double>, std::move(parameters)};
}

}  // namespace mxsim
