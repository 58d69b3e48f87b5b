#pragma once

#include <cstdint>
#include <vector>

#include "models/ptq/row_matrix.h"

namespace mxsim {

/// Sums over the positions of the calibration samples of one layer's inputs: X of the network in
/// the wide format, Y of the network that is quantized up to this layer. K elements of a reduction.
struct InputSums {
  RowMatrix wide;              ///< K x K: X^T X
  RowMatrix mixed;             ///< K x K: Y^T X
  RowMatrix narrow;            ///< K x K: Y^T Y
  Eigen::VectorXd wide_sum;    ///< K: of X over positions
  Eigen::VectorXd narrow_sum;  ///< K: of Y
  std::int64_t positions = 0;

  explicit InputSums(std::int64_t k);
  /// Adds positions: one row of `x` and `y` each.
  void add(const RowMatrix& x, const RowMatrix& y, Workers& workers);
};

/// Squares of a layer's outputs and of their errors, over all positions and output channels.
struct OutputError {
  double signal = 0;  ///< of X W
  double noise = 0;   ///< of X W - Y Q

  /// 10 log10(signal / noise); infinite without noise.
  double sqnr_db() const;
};

/// Of columns `weights` W and `quantized` Q of one group.
OutputError output_error(const InputSums& sums, const RowMatrix& weights,
                         const RowMatrix& quantized, Workers& workers);

/// Per output channel: mean of X W - Y Q over the positions.
Eigen::VectorXd mean_error(const InputSums& sums, const RowMatrix& weights,
                           const RowMatrix& quantized);

}  // namespace mxsim
