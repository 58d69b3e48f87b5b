#include "models/ptq/row_matrix.h"

#include <algorithm>

#include "models/core/units.h"

namespace mxsim {

void fix_product_blocking() {
  constexpr std::ptrdiff_t kLevel1 = 32 << 10;
  constexpr std::ptrdiff_t kLevel2 = 256 << 10;
  constexpr std::ptrdiff_t kLevel3 = 2 << 20;
  Eigen::setCpuCacheSizes(kLevel1, kLevel2, kLevel3);
}

void for_row_pieces(std::int64_t rows, Workers& workers,
                    const std::function<void(std::int64_t begin, std::int64_t count)>& visit) {
  constexpr std::int64_t kPiece = 64;
  workers.run(ceil_div(rows, kPiece), [&](std::int64_t piece) {
    visit(piece * kPiece, std::min(kPiece, rows - piece * kPiece));
  });
}

RowMatrix product(const RowMatrix& left, const RowMatrix& right, Workers& workers) {
  RowMatrix result(left.rows(), right.cols());
  for_row_pieces(left.rows(), workers, [&](std::int64_t begin, std::int64_t count) {
    result.middleRows(begin, count).noalias() = left.middleRows(begin, count) * right;
  });
  return result;
}

RowMatrix to_row_matrix(std::span<const float> values, std::int64_t rows, std::int64_t cols) {
  using Floats = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
  return Eigen::Map<const Floats>(values.data(), rows, cols).cast<double>();
}

std::vector<float> to_floats(const RowMatrix& matrix) {
  std::vector<float> values(static_cast<std::size_t>(matrix.size()));
  std::transform(matrix.data(), matrix.data() + matrix.size(), values.begin(),
                 [](double value) { return static_cast<float>(value); });
  return values;
}

}  // namespace mxsim
