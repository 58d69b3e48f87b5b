#pragma once

#include <algorithm>
#include <cstdint>
#include <span>
#include <vector>

#include "models/core/units.h"
#include "models/values/gemm_places.h"
#include "models/values/packed_shape.h"
#include "models/workload/step_function.h"

namespace mxsim {

/// The operands of one of a GEMM's products as kernels read them: the left matrix as [k][row] of a
/// panel of kPackedRows result rows, the right one as [column panel][k][column]; zeros in padding
/// and at ragged edges.
template <class T>
class PackedProduct {
 public:
  PackedProduct(const GemmWork& work, const GemmPlaces& places, StepMatrix<const float> a,
                StepMatrix<const float> b)
      : work_(work),
        places_(places),
        a_(a),
        b_(b),
        m_(work.gemm_m()),
        k_(work.gemm_k()),
        panels_(ceil_div(work.n, kPackedCols)),
        right_(static_cast<std::size_t>(panels_ * k_ * kPackedCols)) {}

  std::int64_t col_panels() const { return panels_; }
  const T* right(std::int64_t panel, std::int64_t k) const {
    return right_.data() + (panel * k_ + k) * kPackedCols;
  }

  /// Packs elements begin .. end - 1 of the reduction of the right matrix, times `factor`.
  void pack_right(std::int64_t begin, std::int64_t end, T factor = 1) {
    const bool transposed =
        work_.kind == GemmKind::kWindow && work_.b_orientation == Orientation::kTransposed;
    for (std::int64_t k = begin; k < end; ++k) {
      const float* const row = right_row(k);
      for (std::int64_t j = 0; j < panels_; ++j) {
        T* const to = right_.data() + (j * k_ + k) * kPackedCols;
        const std::int64_t count = std::min(kPackedCols, work_.n - j * kPackedCols);
        const float* const from = row + j * kPackedCols * (transposed ? b_.cols : 1);
        if (transposed) {
          for (std::int64_t c = 0; c < count; ++c) to[c] = from[c * b_.cols] * factor;
        } else {
          for (std::int64_t c = 0; c < count; ++c) to[c] = from[c] * factor;
        }
      }
    }
  }

  /// Packs elements begin .. end - 1 of the reduction of result rows, at most kPackedRows, into
  /// [k][kPackedRows]. Those of a weight gradient follow one another.
  void pack_left(std::span<const std::int64_t> rows, std::int64_t begin, std::int64_t end,
                 T* left) const {
    const auto count = static_cast<std::int64_t>(rows.size());
    if (work_.kind != GemmKind::kWindow) return pack_left(rows.front(), count, begin, end, left);
    if (count < kPackedRows) std::fill_n(left, (end - begin) * kPackedRows, T(0));
    for (const std::int64_t row : rows) pack_position(row, begin, end, left++);
  }

  /// The same of rows first .. first + rows - 1.
  void pack_left(std::int64_t first, std::int64_t rows, std::int64_t begin, std::int64_t end,
                 T* left) const {
    const std::int64_t count = std::min(rows, m_ - first);
    if (count < kPackedRows) std::fill_n(left, (end - begin) * kPackedRows, T(0));
    if (work_.kind == GemmKind::kWindow) {
      for (std::int64_t r = 0; r < count; ++r) pack_position(first + r, begin, end, left + r);
    } else if (lines_are_whole()) {
      pack_runs(first, count, begin, end, left);
    } else {
      for (std::int64_t r = 0; r < count; ++r) pack_positions(first + r, begin, end, left + r);
    }
  }

 private:
  const float* right_row(std::int64_t k) const {
    if (work_.kind == GemmKind::kWeightGradient) {
      return b_.row(places_.right_row(k)) + places_.right_col();
    }
    const std::int64_t tap = k / work_.channels;
    const GemmPlaces::Element place =
        places_.right(tap / work_.w.taps, tap % work_.w.taps, k % work_.channels, 0);
    return b_.row(place.row) + place.col;
  }

  /// Whether neighbouring taps of a line of the window lie side by side in the left matrix.
  bool lines_are_whole() const {
    return a_.cols == work_.channels && (work_.w.dilation == 1 || work_.w.taps == 1);
  }
  std::int64_t line_length() const { return work_.w.taps * work_.channels; }

  void pack_position(std::int64_t m, std::int64_t begin, std::int64_t end, T* to) const {
    lines_are_whole() ? pack_lines(m, begin, end, to) : pack_taps(m, begin, end, to);
  }

  /// Elements [0, count) of what lies at `offset` of an input line; zeros beyond its ends.
  template <std::int64_t kStep>
  void copy_line(std::int64_t line, std::int64_t offset, std::int64_t count, T* to) const {
    const std::int64_t length = work_.w.in * work_.channels;
    const std::int64_t low = line < 0 ? count : std::clamp<std::int64_t>(-offset, 0, count);
    const std::int64_t high = std::clamp(length - offset, low, count);
    const float* const from = a_.data + line * work_.channels + offset;
    for (std::int64_t i = 0; i < low; ++i) to[i * kStep] = 0;
    for (std::int64_t i = low; i < high; ++i) to[i * kStep] = from[i];
    for (std::int64_t i = high; i < count; ++i) to[i * kStep] = 0;
  }

  /// Row m is a position; the reduction runs over (tap, channel), line after line of the window.
  void pack_lines(std::int64_t m, std::int64_t begin, std::int64_t end, T* to) const {
    const GemmPlaces::Position p = places_.position(m);
    const std::int64_t start = (p.x * work_.w.stride - work_.w.pad) * work_.channels;
    for (std::int64_t k = begin; k < end;) {
      const std::int64_t first = k % line_length();
      const std::int64_t count = std::min(end - k, line_length() - first);
      copy_line<kPackedRows>(places_.left_line(p, k / line_length()), start + first, count, to);
      to += count * kPackedRows;
      k += count;
    }
  }

  /// Rows are (tap, channel), side by side on a line of the window; the reduction runs over
  /// positions.
  void pack_runs(std::int64_t first, std::int64_t rows, std::int64_t begin, std::int64_t end,
                 T* left) const {
    for (std::int64_t r = 0; r < rows;) {
      const std::int64_t t = (first + r) / line_length();
      const std::int64_t within = (first + r) % line_length();
      const std::int64_t count = std::min(rows - r, line_length() - within);
      GemmPlaces::Position p = places_.position(begin);
      std::int64_t line = places_.left_line(p, t);
      T* to = left + r;
      for (std::int64_t k = begin; k < end; ++k, to += kPackedRows) {
        const std::int64_t start = (p.x * work_.w.stride - work_.w.pad) * work_.channels;
        copy_line<1>(line, start + within, count, to);
        if (++p.x < work_.w.out) continue;
        p.x = 0;
        if (++p.y == work_.h.out) p.y = 0, ++p.image;
        line = places_.left_line(p, t);
      }
      r += count;
    }
  }

  /// Row m is a position; the reduction runs over (tap, channel).
  void pack_taps(std::int64_t m, std::int64_t begin, std::int64_t end, T* to) const {
    const GemmPlaces::Position position = places_.position(m);
    std::int64_t tap = begin / work_.channels;
    std::int64_t channel = begin % work_.channels;
    std::int64_t t = tap / work_.w.taps;
    std::int64_t u = tap % work_.w.taps;
    for (std::int64_t k = begin; k < end;) {
      const std::int64_t count = std::min(end - k, work_.channels - channel);
      const std::int64_t row = places_.left_row(position, t, u);
      if (row < 0) {
        for (std::int64_t c = 0; c < count; ++c) to[c * kPackedRows] = 0;
      } else {
        const float* const from = a_.row(row) + places_.left_col() + channel;
        for (std::int64_t c = 0; c < count; ++c) to[c * kPackedRows] = from[c];
      }
      to += count * kPackedRows;
      k += count;
      channel = 0;
      if (++u == work_.w.taps) u = 0, ++t;
    }
  }

  /// Row m is a (tap, channel); the reduction runs over positions, line after line of the output.
  void pack_positions(std::int64_t m, std::int64_t begin, std::int64_t end, T* to) const {
    const std::int64_t tap = m / work_.channels;
    const std::int64_t t = tap / work_.w.taps;
    const std::int64_t u = tap % work_.w.taps;
    const float* const from = a_.data + places_.left_col() + m % work_.channels;
    GemmPlaces::Position p = places_.position(begin);
    for (std::int64_t k = begin; k < end;) {
      const std::int64_t count = std::min(end - k, work_.w.out - p.x);
      pack_line(p, t, u, count, from, to);
      to += count * kPackedRows;
      k += count;
      p.x = 0;
      if (++p.y == work_.h.out) p.y = 0, ++p.image;
    }
  }

  /// `count` positions of one output line.
  void pack_line(const GemmPlaces::Position& p, std::int64_t t, std::int64_t u, std::int64_t count,
                 const float* from, T* to) const {
    const std::int64_t line = places_.left_line(p, t);
    std::int64_t x = p.x * work_.w.stride + u * work_.w.dilation - work_.w.pad;
    for (std::int64_t i = 0; i < count; ++i, x += work_.w.stride) {
      const bool inside = line >= 0 && x >= 0 && x < work_.w.in;
      to[i * kPackedRows] = inside ? from[(line + x) * a_.cols] : 0;
    }
  }

  const GemmWork& work_;
  const GemmPlaces& places_;
  StepMatrix<const float> a_;
  StepMatrix<const float> b_;
  std::int64_t m_;
  std::int64_t k_;
  std::int64_t panels_;
  std::vector<T> right_;
};

}  // namespace mxsim
