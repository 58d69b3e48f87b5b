#pragma once

#include <algorithm>
#include <cmath>

#include "models/workload/step_function.h"

namespace mxsim {

/// Group norm: `extents` hold the pixels of an image, channels and groups, `constants` epsilon.
struct GroupNormShape {
  std::int64_t pixels;
  std::int64_t channels;
  std::int64_t groups;

  explicit GroupNormShape(const StepParameters& p)
      : pixels(p.extents[0]), channels(p.extents[1]), groups(p.extents[2]) {}
  std::int64_t width() const { return channels / groups; }
};

/// Mean and 1 / deviation of one group of a batch element, from the sums of its channels.
template <class T>
struct GroupStatistics {
  T mean = 0;
  T inverse = 1;

  GroupStatistics(const T* sums, const T* squares, std::int64_t width, std::int64_t pixels,
                  T epsilon) {
    T sum = 0;
    T square = 0;
    for (std::int64_t c = 0; c < width; ++c) {
      sum += sums[c];
      square += squares[c];
    }
    const T share = 1 / T(width * pixels);
    mean = sum * share;
    inverse = 1 / std::sqrt(std::max(T(0), square * share - mean * mean) + epsilon);
  }
};

/// Sums of x and x x of each channel of each batch element: rows 2 n and 2 n + 1.
struct GroupSumsKernel {
  template <class T>
  static void run(const StepData<T>& data, std::int64_t begin, std::int64_t end) {
    const GroupNormShape shape(data.parameters);
    for (std::int64_t row = begin; row < end; ++row) {
      const T* const x = data.reads[0].row(row);
      T* const sum = data.sums[0].row(row / shape.pixels * 2);
      T* const squares = sum + shape.channels;
      for (std::int64_t c = 0; c < shape.channels; ++c) {
        sum[c] += x[c];
        squares[c] += x[c] * x[c];
      }
    }
  }
};

/// Scale and shift of each channel of each batch element, from sums, weight and bias.
struct GroupChannelsKernel {
  template <class T>
  static void run(const StepData<T>& data, std::int64_t begin, std::int64_t end) {
    const GroupNormShape shape(data.parameters);
    const T epsilon = T(data.parameters.constants[0]);
    for (std::int64_t n = begin; n < end; ++n) {
      const T* const sums = data.broadcasts[0].row(2 * n);
      for (std::int64_t c = 0; c < shape.channels; ++c) {
        const std::int64_t first = c / shape.width() * shape.width();
        const GroupStatistics<T> group(sums + first, sums + shape.channels + first, shape.width(),
                                       shape.pixels, epsilon);
        const T scale = data.broadcasts[1].data[c] * group.inverse;
        data.writes[0].row(n)[c] = scale;
        data.writes[1].row(n)[c] = data.broadcasts[2].data[c] - group.mean * scale;
      }
    }
  }
};

/// y = x scale + shift
struct GroupNormaliseKernel {
  template <class T>
  static void run(const StepData<T>& data, std::int64_t begin, std::int64_t end) {
    const GroupNormShape shape(data.parameters);
    for (std::int64_t row = begin; row < end; ++row) {
      const T* const scale = data.broadcasts[0].row(row / shape.pixels);
      const T* const shift = data.broadcasts[1].row(row / shape.pixels);
      const T* const x = data.reads[0].row(row);
      T* const y = data.writes[0].row(row);
      for (std::int64_t c = 0; c < shape.channels; ++c) y[c] = x[c] * scale[c] + shift[c];
    }
  }
};

/// Sums of dy and dy x of each channel of each batch element.
struct GroupGradientSumsKernel {
  template <class T>
  static void run(const StepData<T>& data, std::int64_t begin, std::int64_t end) {
    const GroupNormShape shape(data.parameters);
    for (std::int64_t row = begin; row < end; ++row) {
      const T* const dy = data.reads[0].row(row);
      const T* const x = data.reads[1].row(row);
      T* const sum = data.sums[0].row(row / shape.pixels * 2);
      T* const products = sum + shape.channels;
      for (std::int64_t c = 0; c < shape.channels; ++c) {
        sum[c] += dy[c];
        products[c] += dy[c] * x[c];
      }
    }
  }
};

/// From these sums, those of the forward pass and the weight: factors p, q, r of
/// dx = p dy + q x + r, and the summands of dweight and dbias.
struct GroupFactorsKernel {
  template <class T>
  static void run(const StepData<T>& data, std::int64_t begin, std::int64_t end) {
    const GroupNormShape shape(data.parameters);
    const std::int64_t width = shape.width();
    const T epsilon = T(data.parameters.constants[0]);
    const T* const weight = data.broadcasts[2].data;
    for (std::int64_t n = begin; n < end; ++n) {
      const T* const gradients = data.broadcasts[0].row(2 * n);
      const T* const products = gradients + shape.channels;
      const T* const sums = data.broadcasts[1].row(2 * n);
      for (std::int64_t first = 0; first < shape.channels; first += width) {
        const GroupStatistics<T> group(sums + first, sums + shape.channels + first, width,
                                       shape.pixels, epsilon);
        T sum = 0;
        T product = 0;
        for (std::int64_t c = first; c < first + width; ++c) {
          const T normal = group.inverse * (products[c] - group.mean * gradients[c]);
          sum += weight[c] * gradients[c];
          product += weight[c] * normal;
          data.sums[0].data[c] += normal;
          data.sums[1].data[c] += gradients[c];
        }
        const T share = 1 / T(width * shape.pixels);
        const T q = -(group.inverse * group.inverse * product * share);
        const T r = -(group.inverse * sum * share) - q * group.mean;
        for (std::int64_t c = first; c < first + width; ++c) {
          data.writes[0].row(n)[c] = weight[c] * group.inverse;
          data.writes[1].row(n)[c] = q;
          data.writes[2].row(n)[c] = r;
        }
      }
    }
  }
};

/// dx = p dy + q x + r
struct GroupGradientKernel {
  template <class T>
  static void run(const StepData<T>& data, std::int64_t begin, std::int64_t end) {
    const GroupNormShape shape(data.parameters);
    for (std::int64_t row = begin; row < end; ++row) {
      const std::int64_t n = row / shape.pixels;
      const T* const p = data.broadcasts[0].row(n);
      const T* const q = data.broadcasts[1].row(n);
      const T* const r = data.broadcasts[2].row(n);
      const T* const dy = data.reads[0].row(row);
      const T* const x = data.reads[1].row(row);
      T* const dx = data.writes[0].row(row);
      for (std::int64_t c = 0; c < shape.channels; ++c) dx[c] = p[c] * dy[c] + q[c] * x[c] + r[c];
    }
  }
};

}  // namespace mxsim
