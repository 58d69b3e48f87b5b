#pragma once

#include <cstdint>
#include <eigen3/Eigen/Core>
#include <functional>
#include <span>
#include <vector>

#include "models/values/workers.h"

namespace mxsim {

/// Row-major, in double: (tap, input channel) x output channel for weights, position x (tap,
/// channel) for inputs.
using RowMatrix = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

/// Fixed blocking of Eigen's products: sums do not depend on the caches of the machine.
void fix_product_blocking();

/// visit(begin, count) of pieces of `rows`, shared out; no result depends on the number of threads.
void for_row_pieces(std::int64_t rows, Workers& workers,
                    const std::function<void(std::int64_t begin, std::int64_t count)>& visit);

/// left * right, piece by piece.
RowMatrix product(const RowMatrix& left, const RowMatrix& right, Workers& workers);

RowMatrix to_row_matrix(std::span<const float> values, std::int64_t rows, std::int64_t cols);
std::vector<float> to_floats(const RowMatrix& matrix);

}  // namespace mxsim
