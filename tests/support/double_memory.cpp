#include "tests/support/double_memory.h"

#include "models/mapping/tiles/gemm_tile.h"
#include "models/mapping/tiles/operand_data.h"

namespace mxsim::testing {
namespace {

/// Matrix that a product finds among those below one another, and its first column.
struct Place {
  std::int64_t matrix;
  std::int64_t group;
};
Place place(const GemmWork& work, GroupAxis axis, std::int64_t batch, std::int64_t group) {
  return axis == GroupAxis::kRows ? Place{batch * work.groups + group, 0} : Place{batch, group};
}

/// Where an image of the group lies: below the one before, or beside it.
Place image_place(const GemmWork& work, GroupAxis images, Place group, std::int64_t image) {
  return images == GroupAxis::kRows ? Place{group.matrix * work.images + image, group.group}
                                    : Place{group.matrix, group.group * work.images + image};
}

}  // namespace

DoubleMemory::DoubleMemory(const OpList& ops) : ops_(ops), tensors_(ops.tensors.size()) {
  for (std::size_t id = 0; id < tensors_.size(); ++id) {
    const StoredTensor& tensor = ops.tensors[id];
    tensors_[id].resize(static_cast<std::size_t>(tensor.rows * tensor.cols));
    ids_[value_name(tensor)].push_back(static_cast<TensorId>(id));
  }
}

const double* DoubleMemory::load(TensorId id) {
  return tensors_[static_cast<std::size_t>(id)].data();
}

void DoubleMemory::store(TensorId id, const double* values) {
  std::vector<double>& tensor = tensors_[static_cast<std::size_t>(id)];
  std::copy(values, values + tensor.size(), tensor.begin());
}

void DoubleMemory::give(const std::string& value, const std::vector<double>& values) {
  for (const TensorId id : ids_.at(value)) tensors_[static_cast<std::size_t>(id)] = values;
}

std::vector<double>& DoubleMemory::of(const std::string& value) {
  return tensors_[static_cast<std::size_t>(ids_.at(value).front())];
}

void DoubleMemory::multiply(const OpGroup& group, double* result) {
  const GridSize grid = grid_size(group);
  std::fill_n(result, group.elements(), 0.0);
  for (const GemmWork& w : group.gemms) {
    const auto at = [&](TensorId id, std::int64_t row, std::int64_t col) {
      const StoredTensor& tensor = ops_.tensors[static_cast<std::size_t>(id)];
      return tensors_[static_cast<std::size_t>(id)]
                     [static_cast<std::size_t>(row * tensor.cols + col)];
    };
    const bool window = w.kind == GemmKind::kWindow;
    for (std::int64_t batch = 0; batch < w.batch; ++batch)
      for (std::int64_t g = 0; g < w.groups; ++g)
        for (std::int64_t image = 0; image < w.images; ++image)
          for (std::int64_t y = 0; y < w.h.out; ++y)
            for (std::int64_t x = 0; x < w.w.out; ++x)
              for (std::int64_t t = 0; t < w.h.taps; ++t)
                for (std::int64_t u = 0; u < w.w.taps; ++u) {
                  const std::int64_t in_y = y * w.h.stride + t * w.h.dilation - w.h.pad;
                  const std::int64_t in_x = x * w.w.stride + u * w.w.dilation - w.w.pad;
                  if (in_y < 0 || in_y >= w.h.in || in_x < 0 || in_x >= w.w.in) continue;
                  const Place a = place(w, w.a_groups, batch, g);
                  const Place b = place(w, w.b_groups, batch, g);
                  const Place r = place(w, w.result_groups, batch, g);
                  const Place a_image = image_place(w, w.a_images, a, image);
                  const Place r_image = image_place(w, w.result_images, r, image);
                  const std::int64_t a_row = (a_image.matrix * w.h.in + in_y) * w.w.in + in_x;
                  const std::int64_t tap =
                      (b.matrix * w.h.kernel + w.h.tap_start + t * w.h.tap_step) * w.w.kernel +
                      w.w.tap_start + u * w.w.tap_step;
                  for (std::int64_t c = 0; c < w.channels; ++c) {
                    const double left = at(w.a, a_row, a_image.group * w.channels + c);
                    for (std::int64_t n = 0; n < w.n; ++n) {
                      double right = 0;
                      std::int64_t row = 0;
                      if (!window) {
                        const Place b_image = image_place(w, w.b_images, b, image);
                        right = at(w.b, (b_image.matrix * w.h.out + y) * w.w.out + x,
                                   b_image.group * w.n + n);
                        row = (r.matrix * w.taps() + t * w.w.taps + u) * w.channels + c;
                      } else {
                        right = w.b_orientation == Orientation::kTransposed
                                    ? at(w.b, tap * w.n + n, b.group * w.channels + c)
                                    : at(w.b, tap * w.channels + c, b.group * w.n + n);
                        row = (r_image.matrix * grid.height + y * w.h.out_step + w.h.out_start) *
                                  grid.width +
                              x * w.w.out_step + w.w.out_start;
                      }
                      result[row * group.cols + (window ? r_image : r).group * w.n + n] +=
                          left * right;
                    }
                  }
                }
  }
}

}  // namespace mxsim::testing
