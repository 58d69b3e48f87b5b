#include "models/ptq/input_sums.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace mxsim {

InputSums::InputSums(std::int64_t k)
    : wide(RowMatrix::Zero(k, k)),
      mixed(RowMatrix::Zero(k, k)),
      narrow(RowMatrix::Zero(k, k)),
      wide_sum(Eigen::VectorXd::Zero(k)),
      narrow_sum(Eigen::VectorXd::Zero(k)) {}

void InputSums::add(const RowMatrix& x, const RowMatrix& y, Workers& workers) {
  for_row_pieces(wide.rows(), workers, [&](std::int64_t begin, std::int64_t count) {
    const auto of_x = x.middleCols(begin, count).transpose();
    const auto of_y = y.middleCols(begin, count).transpose();
    wide.middleRows(begin, count).noalias() += of_x * x;
    mixed.middleRows(begin, count).noalias() += of_y * x;
    narrow.middleRows(begin, count).noalias() += of_y * y;
  });
  wide_sum += x.colwise().sum().transpose();
  narrow_sum += y.colwise().sum().transpose();
  positions += x.rows();
}

double OutputError::sqnr_db() const {
  if (noise <= 0) return std::numeric_limits<double>::infinity();
  return 10 * std::log10(signal / noise);
}

OutputError output_error(const InputSums& sums, const RowMatrix& weights,
                         const RowMatrix& quantized, Workers& workers) {
  const RowMatrix wide = product(sums.wide, weights, workers);
  const RowMatrix mixed = product(sums.mixed, weights, workers);
  const RowMatrix narrow = product(sums.narrow, quantized, workers);
  OutputError error;
  error.signal = weights.cwiseProduct(wide).sum();
  error.noise =
      error.signal - 2 * quantized.cwiseProduct(mixed).sum() + quantized.cwiseProduct(narrow).sum();
  // Differences of sums: what is below their rounding is no noise.
  constexpr double kRounding = 1e-13;
  if (error.noise < kRounding * error.signal) error.noise = 0;
  return error;
}

Eigen::VectorXd mean_error(const InputSums& sums, const RowMatrix& weights,
                           const RowMatrix& quantized) {
  const auto positions = static_cast<double>(std::max<std::int64_t>(1, sums.positions));
  return (weights.transpose() * sums.wide_sum - quantized.transpose() * sums.narrow_sum) /
         positions;
}

}  // namespace mxsim
