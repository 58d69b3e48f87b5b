#pragma once

#include <string>
#include <vector>

#include "models/formats/layout.h"
#include "models/ptq/input_sums.h"
#include "models/ptq/row_matrix.h"

namespace mxsim {

/// A layer whose weights are to be quantized. Groups of a convolution lie side by side in the
/// columns, equally wide, each with inputs of its own.
struct PtqLayer {
  std::string name;
  RowMatrix weights;
  DataLayout layout;  ///< as the PEs multiply them
  std::vector<InputSums> groups;

  std::int64_t group_cols() const {
    return weights.cols() / static_cast<std::int64_t>(groups.size());
  }
};

/// Over all groups.
OutputError output_error(const PtqLayer& layer, const RowMatrix& quantized, Workers& workers);
/// Per output channel.
Eigen::VectorXd mean_error(const PtqLayer& layer, const RowMatrix& quantized);
/// 10 log10 of the sum of squares over that of the errors.
double weight_sqnr_db(const PtqLayer& layer, const RowMatrix& quantized);

}  // namespace mxsim
