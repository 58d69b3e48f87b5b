#include "models/ptq/error_diffusion.h"

#include "models/ptq/band_rounder.h"

namespace mxsim {
namespace {

/// Y_t . sum over s <= t of X_s w_s, for every row t.
RowMatrix wanted_projections(const PtqLayer& layer, Workers& workers) {
  RowMatrix wanted(layer.weights.rows(), layer.weights.cols());
  const std::int64_t cols = layer.group_cols();
  for (std::size_t g = 0; g < layer.groups.size(); ++g) {
    const std::int64_t first = static_cast<std::int64_t>(g) * cols;
    const RowMatrix lower = layer.groups[g].mixed.triangularView<Eigen::Lower>();
    wanted.middleCols(first, cols) = product(lower, layer.weights.middleCols(first, cols), workers);
  }
  return wanted;
}

}  // namespace

RowMatrix error_diffusion(const PtqLayer& layer, Workers& workers) {
  const std::int64_t rows = layer.weights.rows();
  const std::int64_t cols = layer.group_cols();
  RowMatrix wanted = wanted_projections(layer, workers);
  RowMatrix quantized(rows, layer.weights.cols());
  BandRounder rounder(layer.layout, rows, layer.weights.cols());
  for (std::int64_t row = 0; row < rows; ++row) {
    if (row % rounder.band_rows() == 0) rounder.begin(row, layer.weights);
    for (std::int64_t col = 0; col < layer.weights.cols(); ++col) {
      const InputSums& sums = layer.groups[static_cast<std::size_t>(col / cols)];
      const double square = sums.narrow(row, row);
      const double value = square > 0 ? wanted(row, col) / square : layer.weights(row, col);
      quantized(row, col) = rounder.round(row, col, value);
    }
    for_row_pieces(rows - row - 1, workers, [&](std::int64_t from, std::int64_t count) {
      for (std::size_t g = 0; g < layer.groups.size(); ++g) {
        const std::int64_t first = static_cast<std::int64_t>(g) * cols;
        wanted.block(row + 1 + from, first, count, cols).noalias() -=
            layer.groups[g].narrow.block(row + 1 + from, row, count, 1) *
            quantized.block(row, first, 1, cols);
      }
    });
  }
  return quantized;
}

}  // namespace mxsim
