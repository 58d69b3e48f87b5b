#include "models/ptq/ptq_layer.h"

namespace mxsim {

OutputError output_error(const PtqLayer& layer, const RowMatrix& quantized, Workers& workers) {
  OutputError total;
  const std::int64_t cols = layer.group_cols();
  for (std::size_t g = 0; g < layer.groups.size(); ++g) {
    const std::int64_t first = static_cast<std::int64_t>(g) * cols;
    const OutputError error = output_error(layer.groups[g], layer.weights.middleCols(first, cols),
                                           quantized.middleCols(first, cols), workers);
    total.signal += error.signal;
    total.noise += error.noise;
  }
  return total;
}

Eigen::VectorXd mean_error(const PtqLayer& layer, const RowMatrix& quantized) {
  Eigen::VectorXd errors(layer.weights.cols());
  const std::int64_t cols = layer.group_cols();
  for (std::size_t g = 0; g < layer.groups.size(); ++g) {
    const std::int64_t first = static_cast<std::int64_t>(g) * cols;
    errors.segment(first, cols) = mean_error(layer.groups[g], layer.weights.middleCols(first, cols),
                                             quantized.middleCols(first, cols));
  }
  return errors;
}

double weight_sqnr_db(const PtqLayer& layer, const RowMatrix& quantized) {
  return OutputError{layer.weights.squaredNorm(), (layer.weights - quantized).squaredNorm()}
      .sqnr_db();
}

}  // namespace mxsim
