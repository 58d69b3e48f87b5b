#include "models/mapping/tiles/tensor_region.h"

#include <algorithm>
#include <utility>

#include "models/mapping/tiles/tiled_matrix.h"

namespace mxsim {
namespace {

/// A row-major matrix of fixed-width fields.
struct Grid {
  std::int64_t base;
  std::int64_t field_bits;
  std::int64_t row_fields;

  void append_rows(std::vector<DramRun>& runs, StepRange rows, Range cols) const {
    const std::int64_t row_bits = row_fields * field_bits;
    append(runs, {base, rows.start * row_bits + cols.start * field_bits, cols.count * field_bits,
                  rows.step * row_bits, rows.count});
  }
};

/// Fields that stand once a block: block scales, sub-block offsets.
struct BlockFields {
  BlockShape block;
  std::int64_t base;
  std::int64_t bits;
  std::int64_t rows;
  std::int64_t cols;

  std::int64_t count() const { return rows * cols; }
  Grid grid() const { return {base, bits, cols}; }
};

/// Calls `visit` for the tensor's block fields in the order in which they lie behind its elements.
template <class Visit>
void for_each_block_field(const StoredTensor& tensor, std::int64_t base, Visit visit) {
  const FormatSpec& format = tensor.layout.format;
  std::int64_t next = base + ceil_div(tensor.rows * tensor.cols * format.element_bits, 8);
  const auto add = [&](BlockShape block, std::int64_t bits) {
    const BlockFields fields{block, next, bits, ceil_div(tensor.rows, block.rows),
                             ceil_div(tensor.cols, block.cols)};
    visit(fields);
    next += ceil_div(fields.count() * bits, 8);
  };
  if (format.scale_bits > 0) add(tensor.layout.block, format.scale_bits);
  if (format.offsets) add(format.offsets->shape, format.offsets->bits);
}

bool divides(BlockShape block, const DramTile& tile) {
  return tile.rows % block.rows == 0 && tile.cols % block.cols == 0;
}

/// Calls `visit` with the places of the elements.
template <class Visit>
void visit_elements(const StoredTensor& tensor, std::int64_t base, Visit visit) {
  const std::int64_t bits = tensor.layout.format.element_bits;
  if (tensor.tile.row_major()) return visit(Grid{base, bits, tensor.cols});
  std::vector<TiledMatrix::Plane> planes{{{1, 1}, bits}};
  if (scales_beside(tensor)) {
    for_each_block_field(tensor, base, [&](const BlockFields& fields) {
      planes.push_back({fields.block, fields.bits});
    });
  }
  visit(TiledMatrix(base, tensor.rows, tensor.cols, tensor.tile, std::move(planes)));
}

/// And with those of fields of blocks that do not lie beside them.
template <class Visit>
void visit_fields(const StoredTensor& tensor, const BlockFields& fields, Visit visit) {
  const DramTile& tile = tensor.tile;
  if (tile.row_major() || !divides(fields.block, tile)) return visit(fields.grid());
  const DramTile blocks{tile.rows / fields.block.rows, tile.cols / fields.block.cols};
  visit(TiledMatrix(fields.base, fields.rows, fields.cols, blocks, {{{1, 1}, fields.bits}}));
}

template <class Matrix>
void append_elements(std::vector<DramRun>& runs, const Matrix& matrix, const TensorRegion& r) {
  const bool whole_width = r.w.count == r.width;
  const bool whole_height = r.h.count == r.height;
  if (whole_width && whole_height) {
    const std::int64_t image = r.height * r.width;
    matrix.append_rows(runs, {r.first_row + r.images.start * image, r.images.count * image, 1},
                       r.cols);
    return;
  }
  for (std::int64_t i = r.images.start; i < r.images.end(); ++i) {
    if (whole_width && r.h.step == 1) {
      const std::int64_t row = r.first_row + (i * r.height + r.h.start) * r.width;
      matrix.append_rows(runs, {row, r.h.count * r.width, 1}, r.cols);
      continue;
    }
    for (std::int64_t y = 0; y < r.h.count; ++y) {
      const std::int64_t row =
          r.first_row + (i * r.height + r.h.start + y * r.h.step) * r.width + r.w.start;
      matrix.append_rows(runs, {row, r.w.count, r.w.step}, r.cols);
    }
  }
}

template <class Matrix>
void append_block_fields(std::vector<DramRun>& runs, const Matrix& matrix, BlockShape block,
                         const TensorRegion& r) {
  const std::int64_t first_col = r.cols.start / block.cols;
  const Range block_cols{first_col, ceil_div(r.cols.end(), block.cols) - first_col};
  std::int64_t next = 0;  // block rows below this one are fetched already
  for (std::int64_t i = r.images.start; i < r.images.end(); ++i) {
    const std::int64_t first_row = r.first_row + (i * r.height + r.h.start) * r.width + r.w.start;
    const std::int64_t last_row = first_row + (r.h.span() - 1) * r.width + r.w.span() - 1;
    const std::int64_t first = std::max(next, first_row / block.rows);
    next = std::max(next, last_row / block.rows + 1);
    if (first < next) matrix.append_rows(runs, {first, next - first, 1}, block_cols);
  }
}

/// Calls `visit` for the boxes side by side; boxes that touch are one.
template <class Visit>
void for_each_box(const TensorRegion& region, Visit visit) {
  TensorRegion box = region;
  box.boxes = {};
  if (region.boxes.count == 1) {
    visit(box);
  } else if (region.boxes.pitch == region.cols.count) {
    box.cols.count *= region.boxes.count;
    visit(box);
  } else {
    for (std::int64_t i = 0; i < region.boxes.count; ++i, box.cols.start += region.boxes.pitch) {
      visit(box);
    }
  }
}

}  // namespace

StepRange input_footprint(const WindowAxis& axis, Range out) {
  if (axis.taps == 0 || out.count == 0) return {0, 0, 1};
  const std::int64_t first = out.start * axis.stride - axis.pad;
  const std::int64_t last =
      (out.end() - 1) * axis.stride + (axis.taps - 1) * axis.dilation - axis.pad;
  if (axis.taps > 1) {
    const std::int64_t start = std::max<std::int64_t>(0, first);
    return {start, std::max<std::int64_t>(0, std::min(last, axis.in - 1) - start + 1), 1};
  }
  const std::int64_t skipped = first < 0 ? ceil_div(-first, axis.stride) : 0;
  const std::int64_t start = first + skipped * axis.stride;
  if (start >= axis.in) return {0, 0, 1};
  const std::int64_t count = (std::min(last, axis.in - 1) - start) / axis.stride + 1;
  return {start, std::max<std::int64_t>(0, count), axis.stride};
}

bool scales_beside(const StoredTensor& tensor) {
  if (tensor.tile.row_major() || tensor.tile.scales == ScalePlace::kApart) return false;
  bool whole = true;
  for_each_block_field(tensor, 0, [&](const BlockFields& fields) {
    whole = whole && divides(fields.block, tensor.tile);
  });
  return whole;
}

std::vector<DramRun> memory_runs(const StoredTensor& tensor, std::int64_t base,
                                 const TensorRegion& region) {
  std::vector<DramRun> runs;
  if (region.elements() == 0) return runs;
  runs.reserve(2);
  visit_elements(tensor, base, [&](const auto& matrix) {
    for_each_box(region, [&](const TensorRegion& box) { append_elements(runs, matrix, box); });
  });
  if (scales_beside(tensor)) return runs;
  for_each_block_field(tensor, base, [&](const BlockFields& fields) {
    visit_fields(tensor, fields, [&](const auto& matrix) {
      for_each_box(region, [&](const TensorRegion& box) {
        append_block_fields(runs, matrix, fields.block, box);
      });
    });
  });
  return runs;
}

std::vector<DramRun> flat_runs(const StoredTensor& tensor, std::int64_t base, Range elements) {
  std::vector<DramRun> runs;
  const std::int64_t total = tensor.rows * tensor.cols;
  const std::int64_t bits = tensor.layout.format.element_bits;
  visit_elements(tensor, base, [&](const auto& matrix) {
    if (tensor.tile.row_major()) {
      return append(runs, {base, elements.start * bits, elements.count * bits, 0, 1});
    }
    const auto part = [&](std::int64_t from, std::int64_t to, std::int64_t row) {
      const std::int64_t first = row * tensor.cols;
      if (from < to) matrix.append_rows(runs, {row, 1, 1}, {from - first, to - from});
    };
    const std::int64_t begin_row = ceil_div(elements.start, tensor.cols);
    const std::int64_t end_row = elements.end() / tensor.cols;
    if (begin_row > end_row) return part(elements.start, elements.end(), end_row);
    part(elements.start, begin_row * tensor.cols, begin_row - 1);
    if (begin_row < end_row) {
      matrix.append_rows(runs, {begin_row, end_row - begin_row, 1}, {0, tensor.cols});
    }
    part(end_row * tensor.cols, elements.end(), end_row);
  });
  if (scales_beside(tensor)) return runs;
  for_each_block_field(tensor, base, [&](const BlockFields& each) {
    const auto share = [&](std::int64_t element) {
      __extension__ using Wide = __int128;
      return static_cast<std::int64_t>(static_cast<Wide>(each.count()) * element / total);
    };
    const Range range{share(elements.start), share(elements.end()) - share(elements.start)};
    Grid{each.base, each.bits, each.count()}.append_rows(runs, {0, 1, 1}, range);
  });
  return runs;
}

}  // namespace mxsim
