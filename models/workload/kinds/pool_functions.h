#pragma once

#include <algorithm>

#include "models/workload/step_function.h"
#include "models/workload/window.h"

namespace mxsim {

/// Rows of images: (image, y, x), x innermost.
inline StepParameters pool_parameters(const Window2d& window) {
  StepParameters parameters;
  parameters.h = window.h;
  parameters.w = window.w;
  return parameters;
}

/// visit(tap, input row) for the taps of the window of output row `row` that lie on the image.
template <class Visit>
void for_each_tap(const StepParameters& p, std::int64_t row, Visit visit) {
  const std::int64_t x = row % p.w.out * p.w.stride - p.w.pad;
  const std::int64_t y = row / p.w.out % p.h.out * p.h.stride - p.h.pad;
  const std::int64_t image = row / (p.w.out * p.h.out);
  for (std::int64_t t = 0; t < p.h.taps; ++t) {
    if (y + t < 0 || y + t >= p.h.in) continue;
    for (std::int64_t u = 0; u < p.w.taps; ++u) {
      if (x + u < 0 || x + u >= p.w.in) continue;
      visit(t * p.w.taps + u, (image * p.h.in + y + t) * p.w.in + x + u);
    }
  }
}

/// First output position whose window reaches input position `i`, and the one past the last.
inline std::int64_t first_window(const WindowAxis& axis, std::int64_t i) {
  const std::int64_t reach = i + axis.pad - axis.taps + 1;
  return reach <= 0 ? 0 : (reach + axis.stride - 1) / axis.stride;
}
inline std::int64_t past_window(const WindowAxis& axis, std::int64_t i) {
  return std::min(axis.out, (i + axis.pad) / axis.stride + 1);
}

/// visit(tap, output row) for the windows that input row `row` lies in, in order of the windows.
template <class Visit>
void for_each_window(const StepParameters& p, std::int64_t row, Visit visit) {
  const std::int64_t x = row % p.w.in;
  const std::int64_t y = row / p.w.in % p.h.in;
  const std::int64_t image = row / (p.w.in * p.h.in);
  for (std::int64_t i = first_window(p.h, y); i < past_window(p.h, y); ++i) {
    for (std::int64_t j = first_window(p.w, x); j < past_window(p.w, x); ++j) {
      const std::int64_t tap =
          (y + p.h.pad - i * p.h.stride) * p.w.taps + x + p.w.pad - j * p.w.stride;
      visit(tap, (image * p.h.out + i) * p.w.out + j);
    }
  }
}

/// Largest of a window and, where it is asked for, the tap of the first such element.
struct MaxPoolKernel {
  template <class T>
  static void run(const StepData<T>& data, std::int64_t begin, std::int64_t end) {
    const std::int64_t cols = data.grid.cols;
    const bool places = data.writes.size() > 1;
    for (std::int64_t row = begin; row < end; ++row) {
      T* const y = data.writes[0].row(row);
      T* const place = places ? data.writes[1].row(row) : nullptr;
      bool first = true;
      for_each_tap(data.parameters, row, [&](std::int64_t tap, std::int64_t source) {
        const T* const x = data.reads[0].row(source);
        for (std::int64_t c = 0; c < cols; ++c) {
          if (!first && !(x[c] > y[c])) continue;
          y[c] = x[c];
          if (places) place[c] = T(tap);
        }
        first = false;
      });
    }
  }
};

struct MaxPoolGradientKernel {
  template <class T>
  static void run(const StepData<T>& data, std::int64_t begin, std::int64_t end) {
    const std::int64_t cols = data.grid.cols;
    for (std::int64_t row = begin; row < end; ++row) {
      T* const dx = data.writes[0].row(row);
      std::fill(dx, dx + cols, T(0));
      for_each_window(data.parameters, row, [&](std::int64_t tap, std::int64_t window) {
        const T* const dy = data.reads[0].row(window);
        const T* const place = data.reads[1].row(window);
        for (std::int64_t c = 0; c < cols; ++c) {
          if (place[c] == T(tap)) dx[c] += dy[c];
        }
      });
    }
  }
};

/// 1 / positions that the mean of output row `row` is taken over; `extents[0]`: 1 for those on the
/// image.
template <class T>
T average_share(const StepParameters& p, std::int64_t row) {
  if (p.extents[0] == 0) return 1 / T(p.h.taps * p.w.taps);
  std::int64_t count = 0;
  for_each_tap(p, row, [&](std::int64_t, std::int64_t) { ++count; });
  return 1 / T(count);
}

/// Sum of the window in order of the taps, times its share.
struct AveragePoolKernel {
  template <class T>
  static void run(const StepData<T>& data, std::int64_t begin, std::int64_t end) {
    const std::int64_t cols = data.grid.cols;
    for (std::int64_t row = begin; row < end; ++row) {
      const T share = average_share<T>(data.parameters, row);
      T* const y = data.writes[0].row(row);
      std::fill(y, y + cols, T(0));
      for_each_tap(data.parameters, row, [&](std::int64_t, std::int64_t source) {
        const T* const x = data.reads[0].row(source);
        for (std::int64_t c = 0; c < cols; ++c) y[c] += x[c];
      });
      for (std::int64_t c = 0; c < cols; ++c) y[c] *= share;
    }
  }
};

struct AveragePoolGradientKernel {
  template <class T>
  static void run(const StepData<T>& data, std::int64_t begin, std::int64_t end) {
    const std::int64_t cols = data.grid.cols;
    const bool alike = data.parameters.extents[0] == 0;
    const T whole = alike ? average_share<T>(data.parameters, 0) : T(1);
    for (std::int64_t row = begin; row < end; ++row) {
      T* const dx = data.writes[0].row(row);
      std::fill(dx, dx + cols, T(0));
      for_each_window(data.parameters, row, [&](std::int64_t, std::int64_t window) {
        const T* const dy = data.reads[0].row(window);
        const T share = alike ? T(1) : average_share<T>(data.parameters, window);
        for (std::int64_t c = 0; c < cols; ++c) dx[c] += share * dy[c];
      });
      for (std::int64_t c = 0; c < cols; ++c) dx[c] *= whole;
    }
  }
};

}  // namespace mxsim
