#pragma once

#include <cstdint>

#include "models/mapping/tiles/gemm_tile.h"
#include "models/workload/op_list.h"

namespace mxsim {

/// Whether a matrix has the images of a group side by side.
inline bool has_images_in_columns(const GemmWork& work) {
  return work.a_images == GroupAxis::kColumns || work.b_images == GroupAxis::kColumns ||
         work.result_images == GroupAxis::kColumns;
}

/// All of one of the GEMM's products.
inline GemmTile whole_product(const GemmWork& work, std::int64_t product) {
  GemmTile tile;
  tile.batch = product / work.groups;
  tile.group = product % work.groups;
  tile.images = {0, work.images};
  tile.h = {0, work.h.out};
  tile.w = {0, work.w.out};
  tile.channels = {0, work.channels};
  tile.n = {0, work.n};
  return tile;
}

/// Where one of the batch x groups products of a GEMM finds its elements in the stored matrices and
/// leaves its results in the group's grid (see GemmWork); of operands, images below one another
/// alone.
class GemmPlaces {
 public:
  /// `product` counts from work.first_product on. Groups that are packed are not supported.
  GemmPlaces(const GemmWork& work, GridSize grid, std::int64_t product)
      : work_(work),
        grid_(grid),
        left_(place(work, work.a_groups, product)),
        right_(place(work, work.b_groups, product)),
        result_(place(work, work.result_groups, product)) {}

  struct Position {
    std::int64_t image, y, x;
  };
  Position position(std::int64_t index) const {
    return {index / (work_.w.out * work_.h.out), index / work_.w.out % work_.h.out,
            index % work_.w.out};
  }
  /// Row of the left matrix that tap (t, u) of the window at a position reads; -1: padding.
  std::int64_t left_row(const Position& p, std::int64_t t, std::int64_t u) const {
    const std::int64_t line = left_line(p, t);
    const std::int64_t x = p.x * work_.w.stride + u * work_.w.dilation - work_.w.pad;
    return line < 0 || x < 0 || x >= work_.w.in ? -1 : line + x;
  }
  /// The same at x = 0 of the input.
  std::int64_t left_line(const Position& p, std::int64_t t) const {
    const std::int64_t y = p.y * work_.h.stride + t * work_.h.dilation - work_.h.pad;
    if (y < 0 || y >= work_.h.in) return -1;
    return ((left_.rows * work_.images + p.image) * work_.h.in + y) * work_.w.in;
  }
  std::int64_t left_col() const { return left_.cols * work_.channels; }

  /// Right matrix of a window GEMM: element (tap, channel, n).
  struct Element {
    std::int64_t row, col;
  };
  Element right(std::int64_t t, std::int64_t u, std::int64_t channel, std::int64_t n) const {
    const std::int64_t y = work_.h.tap_start + t * work_.h.tap_step;
    const std::int64_t x = work_.w.tap_start + u * work_.w.tap_step;
    const std::int64_t tap = (right_.rows * work_.h.kernel + y) * work_.w.kernel + x;
    if (work_.b_orientation == Orientation::kTransposed) {
      return {tap * work_.n + n, right_.cols * work_.channels + channel};
    }
    return {tap * work_.channels + channel, right_.cols * work_.n + n};
  }
  /// Right matrix of a weight gradient: row of a position.
  std::int64_t right_row(std::int64_t index) const {
    return right_.rows * work_.positions() + index;
  }
  std::int64_t right_col() const { return right_.cols * work_.n; }

  /// Row of the grid of result row m.
  std::int64_t result_row(std::int64_t m) const {
    if (work_.kind == GemmKind::kWeightGradient) {
      return result_.rows * work_.taps() * work_.channels + m;
    }
    const Position p = position(m);
    const std::int64_t y = p.y * work_.h.out_step + work_.h.out_start;
    const std::int64_t x = p.x * work_.w.out_step + work_.w.out_start;
    const std::int64_t image = work_.result_images == GroupAxis::kRows
                                   ? result_.rows * work_.images + p.image
                                   : result_.rows;
    return (image * grid_.height + y) * grid_.width + x;
  }
  /// First column of the results where images lie below one another.
  std::int64_t result_col() const { return result_.cols * work_.n; }
  /// First column of result row m, wherever images lie.
  std::int64_t result_col(std::int64_t m) const {
    if (work_.result_images == GroupAxis::kRows) return result_col();
    return (result_.cols * work_.images + position(m).image) * work_.n;
  }

 private:
  static GroupPlace place(const GemmWork& work, GroupAxis axis, std::int64_t product) {
    return axis == GroupAxis::kRows ? GroupPlace{product, 0}
                                    : GroupPlace{product / work.groups, product % work.groups};
  }

  const GemmWork& work_;
  GridSize grid_;
  GroupPlace left_;
  GroupPlace right_;
  GroupPlace result_;
};

}  // namespace mxsim
