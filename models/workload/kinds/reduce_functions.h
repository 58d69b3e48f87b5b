#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>

#include "models/workload/step_function.h"

namespace mxsim::reduction {

/// Summands of every result of a reduction. `extents`: extents of the result's factors, then of
/// those that are reduced; `strides`: elements of the input between neighbours, in the same order;
/// `constants[0]`: number of factors of the result.
class Summands {
 public:
  explicit Summands(const StepParameters& p)
      : parameters_(p), kept_(static_cast<std::size_t>(p.constants[0])) {
    for (std::size_t i = kept_; i < p.extents.size(); ++i) count_ *= p.extents[i];
  }

  std::int64_t count() const { return count_; }
  std::int64_t first(std::int64_t result) const { return place(result, 0, kept_); }
  std::int64_t beyond(std::int64_t summand) const {
    return place(summand, kept_, parameters_.extents.size());
  }

 private:
  std::int64_t place(std::int64_t index, std::size_t begin, std::size_t end) const {
    std::int64_t place = 0;
    for (std::size_t i = end; i-- > begin; index /= parameters_.extents[i]) {
      place += index % parameters_.extents[i] * parameters_.strides[i];
    }
    return place;
  }

  const StepParameters& parameters_;
  std::size_t kept_;
  std::int64_t count_ = 1;
};

/// Each result is F::finish(F::add over its summands in order, from F::start()).
template <class F>
struct ReduceKernel {
  template <class T>
  static void run(const StepData<T>& data, std::int64_t begin, std::int64_t end) {
    const Summands summands(data.parameters);
    const T* const x = data.reads[0].data;
    for (std::int64_t i = begin * data.grid.cols; i < end * data.grid.cols; ++i) {
      const T* const first = x + summands.first(i);
      T sum = F::template start<T>();
      for (std::int64_t s = 0; s < summands.count(); ++s) {
        sum = F::add(sum, first[summands.beyond(s)]);
      }
      data.writes[0].data[i] = F::finish(sum, T(summands.count()));
    }
  }
};

struct Sum {
  template <class T>
  static T start() {
    return 0;
  }
  template <class T>
  static T add(T sum, T x) {
    return sum + x;
  }
  template <class T>
  static T finish(T sum, T) {
    return sum;
  }
};
struct Mean : Sum {
  template <class T>
  static T finish(T sum, T count) {
    return sum * (1 / count);
  }
};
struct LogSum : Sum {
  template <class T>
  static T finish(T sum, T) {
    return std::log(sum);
  }
};
struct AbsoluteSum : Sum {
  template <class T>
  static T add(T sum, T x) {
    return sum + std::abs(x);
  }
};
struct SquareSum : Sum {
  template <class T>
  static T add(T sum, T x) {
    return sum + x * x;
  }
};
struct Length : SquareSum {
  template <class T>
  static T finish(T sum, T) {
    return std::sqrt(sum);
  }
};
struct Largest : Sum {
  template <class T>
  static T start() {
    return -std::numeric_limits<T>::infinity();
  }
  template <class T>
  static T add(T sum, T x) {
    return std::max(sum, x);
  }
};
struct Smallest : Sum {
  template <class T>
  static T start() {
    return std::numeric_limits<T>::infinity();
  }
  template <class T>
  static T add(T sum, T x) {
    return std::min(sum, x);
  }
};
struct Product : Sum {
  template <class T>
  static T start() {
    return 1;
  }
  template <class T>
  static T add(T sum, T x) {
    return sum * x;
  }
};

/// log(sum of exp), the largest taken off first.
struct LogSumExpKernel {
  template <class T>
  static void run(const StepData<T>& data, std::int64_t begin, std::int64_t end) {
    const Summands summands(data.parameters);
    for (std::int64_t i = begin * data.grid.cols; i < end * data.grid.cols; ++i) {
      const T* const first = data.reads[0].data + summands.first(i);
      T largest = first[0];
      for (std::int64_t s = 0; s < summands.count(); ++s) {
        largest = std::max(largest, first[summands.beyond(s)]);
      }
      T sum = 0;
      for (std::int64_t s = 0; s < summands.count(); ++s) {
        sum += std::exp(first[summands.beyond(s)] - largest);
      }
      data.writes[0].data[i] = std::log(sum) + largest;
    }
  }
};

/// Place of the largest summand; `constants[1]`: -1 the smallest, `constants[2]`: whether the last
/// of equal ones.
struct PlaceKernel {
  template <class T>
  static void run(const StepData<T>& data, std::int64_t begin, std::int64_t end) {
    const Summands summands(data.parameters);
    const T sign = T(data.parameters.constants[1]);
    const bool last = data.parameters.constants[2] != 0;
    for (std::int64_t i = begin * data.grid.cols; i < end * data.grid.cols; ++i) {
      const T* const first = data.reads[0].data + summands.first(i);
      std::int64_t found = 0;
      for (std::int64_t s = 1; s < summands.count(); ++s) {
        const T x = sign * first[summands.beyond(s)];
        const T best = sign * first[summands.beyond(found)];
        if (x > best || (last && x == best)) found = s;
      }
      data.writes[0].data[i] = T(found);
    }
  }
};

/// F(the result's gradient, the summand, how many there are) of every summand.
template <class F>
struct SpreadKernel {
  template <class T>
  static void run(const StepData<T>& data, std::int64_t begin, std::int64_t end) {
    const Summands summands(data.parameters);
    const std::int64_t past = end * data.grid.cols;
    for (std::int64_t r = 0; r < data.reads[0].rows * data.reads[0].cols; ++r) {
      for (std::int64_t s = 0; s < summands.count(); ++s) {
        const std::int64_t at = summands.first(r) + summands.beyond(s);
        if (at < begin * data.grid.cols || at >= past) continue;
        const T x = data.reads.size() > 1 ? data.reads[1].data[at] : T(0);
        data.writes[0].data[at] = F{}(data.reads[0].data[r], x, T(summands.count()));
      }
    }
  }
};

}  // namespace mxsim::reduction
