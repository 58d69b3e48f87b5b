#include "models/mapping/tiles/gemm_tile.h"

#include <algorithm>

namespace mxsim {
namespace {

/// Rows (tap, channel) of a weight tensor as a region: one "image" a stored tap.
TensorRegion tap_region(Range taps, std::int64_t channels, Range rows, Range cols) {
  return {channels, 1, taps, {rows.start, rows.count, 1}, {0, 1, 1}, cols};
}

/// The range in group number `group` of `group_size` each.
Range in_group(std::int64_t group, std::int64_t group_size, Range range) {
  return {group * group_size + range.start, range.count};
}

/// Images and columns of a tile: `columns` of the `width` that a group has for each image.
struct ImagePlace {
  Range images;
  Range cols;
  SideBySide boxes;
};

ImagePlace image_place(const GemmWork& work, GroupAxis axis, GroupPlace place, Range images,
                       std::int64_t width, Range columns) {
  if (axis == GroupAxis::kRows) {
    return {in_group(place.rows, work.images, images), in_group(place.cols, width, columns), {}};
  }
  const std::int64_t first = place.cols * work.images + images.start;
  return {{place.rows, 1}, in_group(first, width, columns), {images.count, width}};
}

}  // namespace

Range taps_of(const GemmWork& work, const GemmTile& tile) {
  return tile.taps.count > 0 ? tile.taps : Range{0, work.taps()};
}

GemmExtents extents(const GemmWork& work, const GemmTile& tile) {
  const std::int64_t weights = taps_of(work, tile).count * tile.channels.count;
  return work.kind == GemmKind::kWindow ? GemmExtents{tile.positions(), weights, tile.n.count}
                                        : GemmExtents{weights, tile.positions(), tile.n.count};
}

GroupPlace group_place(const GemmWork& work, GroupAxis axis, const GemmTile& tile) {
  const std::int64_t product = tile.batch * work.groups + tile.group;
  return axis == GroupAxis::kRows ? GroupPlace{product - work.first_product, 0}
                                  : GroupPlace{tile.batch, tile.group};
}

TensorRegion left_region(const GemmWork& work, const GemmTile& tile) {
  const ImagePlace place = image_place(work, work.a_images, group_place(work, work.a_groups, tile),
                                       tile.images, work.channels, tile.channels);
  return {work.h.in,
          work.w.in,
          work.taps() == 0 ? Range{} : place.images,
          input_footprint(work.h, tile.h),
          input_footprint(work.w, tile.w),
          place.cols,
          place.boxes,
          work.first_row};
}

TensorRegion right_region(const GemmWork& work, const GemmTile& tile) {
  const GroupPlace place = group_place(work, work.b_groups, tile);
  if (work.kind == GemmKind::kWeightGradient) {
    const ImagePlace at = image_place(work, work.b_images, place, tile.images, work.n, tile.n);
    return {work.h.out,
            work.w.out,
            at.images,
            {tile.h.start, tile.h.count, 1},
            {tile.w.start, tile.w.count, 1},
            at.cols,
            at.boxes,
            work.first_row};
  }
  const Range n = in_group(place.cols, work.n, tile.n);
  // The taps of a phase are spread over the kernel; as many rows are read from the first of them
  // on.
  const std::int64_t first = work.h.tap_start * work.w.kernel + work.w.tap_start;
  const std::int64_t stored = work.h.kernel * work.w.kernel;
  const Range part = taps_of(work, tile);
  const Range taps = in_group(work.first_matrix + place.rows, stored,
                              {std::min(first, stored - work.taps()) + part.start, part.count});
  // Rows of a block-diagonal hold one row of each block.
  const auto rows = [&](std::int64_t block, Range range) {
    return work.packed > 1 ? Range{0, block} : range;
  };
  if (work.b_orientation == Orientation::kTransposed) {
    return tap_region(taps, work.block_n(), rows(work.block_n(), tile.n),
                      in_group(place.cols, work.channels, tile.channels));
  }
  return tap_region(taps, work.block_channels(), rows(work.block_channels(), tile.channels), n);
}

GridSize grid_size(const OpGroup& group) {
  GridSize size;
  for (const GemmWork& work : group.gemms) {
    if (work.kind == GemmKind::kWeightGradient) return {work.block_channels(), 1};
    size.height = std::max(size.height, (work.h.out - 1) * work.h.out_step + work.h.out_start + 1);
    size.width = std::max(size.width, (work.w.out - 1) * work.w.out_step + work.w.out_start + 1);
  }
  return size;
}

TensorRegion result_region(const GemmWork& work, GridSize grid, const GemmTile& tile) {
  const GroupPlace place = group_place(work, work.result_groups, tile);
  if (work.kind == GemmKind::kWeightGradient) {
    const Range n = in_group(place.cols, work.n, tile.n);
    const Range rows = work.packed > 1 ? Range{0, work.block_channels()} : tile.channels;
    return tap_region(in_group(work.first_matrix + place.rows, work.taps(), {0, work.taps()}),
                      work.block_channels(), rows, n);
  }
  const auto placed = [](const WindowAxis& axis, Range range) {
    return StepRange{range.start * axis.out_step + axis.out_start, range.count, axis.out_step};
  };
  const ImagePlace at = image_place(work, work.result_images, place, tile.images, work.n, tile.n);
  const std::int64_t height = work.batch > 1 ? work.h.out : grid.height;
  return {height,  grid.width, at.images,     placed(work.h, tile.h), placed(work.w, tile.w),
          at.cols, at.boxes,   work.first_row};
}

}  // namespace mxsim
