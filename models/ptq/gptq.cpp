#include "models/ptq/gptq.h"

#include <algorithm>
#include <eigen3/Eigen/Cholesky>
#include <utility>

#include "models/core/error.h"
#include "models/ptq/band_rounder.h"

namespace mxsim {
namespace {

/// Upper triangular U with H^-1 = U^T U. With J the reversal of rows and columns, J H J = L L^T
/// gives H = V V^T for the upper triangular V = J L J, and U = V^-1.
RowMatrix inverse_factor(RowMatrix hessian, double damping) {
  const double shift = damping * hessian.diagonal().mean();
  for (std::int64_t k = 0; k < hessian.rows(); ++k) {
    if (hessian(k, k) == 0) hessian(k, k) = 1;
  }
  hessian.diagonal().array() += shift;
  const RowMatrix reversed = hessian.reverse();
  const Eigen::LLT<RowMatrix> cholesky(reversed);
  if (cholesky.info() != Eigen::Success) return {};
  const RowMatrix lower = cholesky.matrixL();
  const RowMatrix upper = lower.reverse();
  return upper.triangularView<Eigen::Upper>().solve(
      RowMatrix::Identity(hessian.rows(), hessian.cols()));
}

class Gptq {
 public:
  Gptq(const PtqLayer& layer, double damping, Workers& workers)
      : layer_(layer),
        workers_(workers),
        rounder_(layer.layout, layer.weights.rows(), layer.weights.cols()),
        weights_(layer.weights),
        errors_(layer.weights.rows(), layer.weights.cols()) {
    for (const InputSums& sums : layer.groups) {
      factors_.push_back(inverse_factor(sums.narrow, damping));
      if (factors_.back().size() > 0) continue;
      throw InputError({{"", "",
                         "layer \"" + layer.name +
                             "\": the Hessian of its inputs is not positive definite: a larger "
                             "damping is needed"}});
    }
  }

  RowMatrix run() {
    constexpr std::int64_t kPiece = 64;
    const std::int64_t rows = weights_.rows();
    for (std::int64_t band = 0; band < rows; band += rounder_.band_rows()) {
      rounder_.begin(band, weights_);
      const std::int64_t end = std::min(rows, band + rounder_.band_rows());
      for (std::int64_t row = band; row < end; row += kPiece) {
        round_rows(row, std::min(end, row + kPiece));
      }
    }
    return std::move(weights_);
  }

 private:
  std::int64_t group_of(std::int64_t col) const { return col / layer_.group_cols(); }

  /// Rounds rows begin .. end - 1 and hands their errors on to all rows below.
  void round_rows(std::int64_t begin, std::int64_t end) {
    for (std::int64_t row = begin; row < end; ++row) round_row(row, end);
    const std::int64_t cols = layer_.group_cols();
    for_row_pieces(weights_.rows() - end, workers_, [&](std::int64_t from, std::int64_t count) {
      for (std::size_t g = 0; g < factors_.size(); ++g) {
        const std::int64_t first = static_cast<std::int64_t>(g) * cols;
        weights_.block(end + from, first, count, cols).noalias() -=
            factors_[g].block(begin, end + from, end - begin, count).transpose() *
            errors_.block(begin, first, end - begin, cols);
      }
    });
  }

  void round_row(std::int64_t row, std::int64_t end) {
    for (std::int64_t col = 0; col < weights_.cols(); ++col) {
      const double rounded = rounder_.round(row, col, weights_(row, col));
      const double diagonal = factors_[static_cast<std::size_t>(group_of(col))](row, row);
      errors_(row, col) = (weights_(row, col) - rounded) / diagonal;
      weights_(row, col) = rounded;
    }
    const std::int64_t cols = layer_.group_cols();
    for (std::size_t g = 0; g < factors_.size(); ++g) {
      const std::int64_t first = static_cast<std::int64_t>(g) * cols;
      for (std::int64_t below = row + 1; below < end; ++below) {
        weights_.block(below, first, 1, cols) -=
            factors_[g](row, below) * errors_.block(row, first, 1, cols);
      }
    }
  }

  const PtqLayer& layer_;
  Workers& workers_;
  BandRounder rounder_;
  RowMatrix weights_;  ///< rounded above the current row
  RowMatrix errors_;   ///< over the diagonal of the factor
  std::vector<RowMatrix> factors_;
};

}  // namespace

RowMatrix gptq(const PtqLayer& layer, double damping, Workers& workers) {
  return Gptq(layer, damping, workers).run();
}

}  // namespace mxsim
