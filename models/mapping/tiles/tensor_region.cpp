#include "models/mapping/tiles/tensor_region.h"

#include <algorithm>

namespace mxsim {
namespace {

/// Byte ranges of a row-major matrix of fixed-width fields.
struct Grid {
  std::int64_t base;
  std::int64_t field_bits;
  std::int64_t row_fields;

  std::int64_t first_byte(std::int64_t row, std::int64_t col) const {
    return base + (row * row_fields + col) * field_bits / 8;
  }
  std::int64_t end_byte(std::int64_t row, std::int64_t col_end) const {
    return base + ceil_div((row * row_fields + col_end) * field_bits, 8);
  }
  bool rows_on_bytes() const { return row_fields * field_bits % 8 == 0; }
};

/// Joins the run to the last one when it only continues it.
void append(std::vector<DramRun>& runs, const DramRun& run) {
  if (run.row_bytes == 0 || run.rows == 0) return;
  if (!runs.empty()) {
    DramRun& last = runs.back();
    const bool both_solid = last.rows == 1 && run.rows == 1;
    if (both_solid && last.base + last.row_bytes == run.base) {
      last.row_bytes += run.row_bytes;
      return;
    }
    const bool same_pieces = last.row_bytes == run.row_bytes && last.stride == run.stride;
    if (run.rows > 1 && same_pieces && last.base + last.rows * last.stride == run.base) {
      last.rows += run.rows;
      return;
    }
  }
  runs.push_back(run);
}

/// Rows `rows` (with their step) and columns `cols` of the grid.
void append_rows(std::vector<DramRun>& runs, const Grid& grid, StepRange rows, Range cols) {
  if (rows.count == 0 || cols.count == 0) return;
  const bool solid = cols.count == grid.row_fields && rows.step == 1;
  const std::int64_t first = grid.first_byte(rows.start, cols.start);
  if (solid) {
    append(runs, {first, grid.end_byte(rows.start + rows.count - 1, cols.end()) - first, 0, 1});
  } else if (grid.rows_on_bytes()) {
    const std::int64_t length = grid.end_byte(rows.start, cols.end()) - first;
    const std::int64_t stride = rows.step * grid.row_fields * grid.field_bits / 8;
    append(runs, {first, length, rows.count > 1 ? stride : 0, rows.count});
  } else {
    for (std::int64_t i = 0; i < rows.count; ++i) {
      const std::int64_t row = rows.start + i * rows.step;
      const std::int64_t start = grid.first_byte(row, cols.start);
      append(runs, {start, grid.end_byte(row, cols.end()) - start, 0, 1});
    }
  }
}

Grid element_grid(const StoredTensor& tensor, std::int64_t base) {
  return {base, tensor.layout.format.element_bits, tensor.cols};
}

/// Fields that stand once a block: block scales, sub-block offsets.
struct BlockFields {
  BlockShape block;
  Grid grid;
  std::int64_t count;
};

/// Calls `visit` for the tensor's block fields in the order in which they lie behind its elements.
template <class Visit>
void for_each_block_field(const StoredTensor& tensor, std::int64_t base, Visit visit) {
  const FormatSpec& format = tensor.layout.format;
  std::int64_t next = base + ceil_div(tensor.rows * tensor.cols * format.element_bits, 8);
  const auto add = [&](BlockShape block, std::int64_t bits) {
    const std::int64_t row = ceil_div(tensor.cols, block.cols);
    const std::int64_t count = ceil_div(tensor.rows, block.rows) * row;
    visit(BlockFields{block, {next, bits, row}, count});
    next += ceil_div(count * bits, 8);
  };
  if (format.scale_bits > 0) add(tensor.layout.block, format.scale_bits);
  if (format.offsets) add(format.offsets->shape, format.offsets->bits);
}

void append_elements(std::vector<DramRun>& runs, const Grid& grid, const TensorRegion& r) {
  const bool whole_width = r.w.count == r.width;
  const bool whole_height = r.h.count == r.height;
  if (whole_width && whole_height) {
    const std::int64_t image = r.height * r.width;
    append_rows(runs, grid, {r.first_row + r.images.start * image, r.images.count * image, 1},
                r.cols);
    return;
  }
  for (std::int64_t i = r.images.start; i < r.images.end(); ++i) {
    if (whole_width && r.h.step == 1) {
      const std::int64_t row = r.first_row + (i * r.height + r.h.start) * r.width;
      append_rows(runs, grid, {row, r.h.count * r.width, 1}, r.cols);
      continue;
    }
    for (std::int64_t y = 0; y < r.h.count; ++y) {
      const std::int64_t row =
          r.first_row + (i * r.height + r.h.start + y * r.h.step) * r.width + r.w.start;
      append_rows(runs, grid, {row, r.w.count, r.w.step}, r.cols);
    }
  }
}

void append_block_fields(std::vector<DramRun>& runs, const BlockFields& fields,
                         const TensorRegion& r) {
  const BlockShape block = fields.block;
  const std::int64_t first_col = r.cols.start / block.cols;
  const Range block_cols{first_col, ceil_div(r.cols.end(), block.cols) - first_col};
  std::int64_t next = 0;  // block rows below this one are fetched already
  for (std::int64_t i = r.images.start; i < r.images.end(); ++i) {
    const std::int64_t first_row = r.first_row + (i * r.height + r.h.start) * r.width + r.w.start;
    const std::int64_t last_row = first_row + (r.h.span() - 1) * r.width + r.w.span() - 1;
    const std::int64_t first = std::max(next, first_row / block.rows);
    next = last_row / block.rows + 1;
    append_rows(runs, fields.grid, {first, next - first, 1}, block_cols);
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

TensorRegion matrix_region(const StoredTensor& tensor, Range rows, Range cols) {
  return {tensor.rows, 1, {0, 1}, {rows.start, rows.count, 1}, {0, 1, 1}, cols};
}

std::vector<DramRun> memory_runs(const StoredTensor& tensor, std::int64_t base,
                                 const TensorRegion& region) {
  std::vector<DramRun> runs;
  if (region.elements() == 0) return runs;
  runs.reserve(2);
  for_each_box(region, [&](const TensorRegion& box) {
    append_elements(runs, element_grid(tensor, base), box);
  });
  for_each_block_field(tensor, base, [&](const BlockFields& fields) {
    for_each_box(region, [&](const TensorRegion& box) { append_block_fields(runs, fields, box); });
  });
  return runs;
}

std::vector<DramRun> flat_runs(const StoredTensor& tensor, std::int64_t base, Range elements) {
  std::vector<DramRun> runs;
  const std::int64_t total = tensor.rows * tensor.cols;
  const Grid fields{base, tensor.layout.format.element_bits, total};
  append_rows(runs, fields, {0, 1, 1}, elements);
  for_each_block_field(tensor, base, [&](const BlockFields& each) {
    const auto share = [&](std::int64_t element) {
      __extension__ using Wide = __int128;
      return static_cast<std::int64_t>(static_cast<Wide>(each.count) * element / total);
    };
    const Range range{share(elements.start), share(elements.end()) - share(elements.start)};
    append_rows(runs, {each.grid.base, each.grid.field_bits, each.count}, {0, 1, 1}, range);
  });
  return runs;
}

}  // namespace mxsim
