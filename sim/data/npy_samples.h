#pragma once

#include <string>

#include "sim/data/dataset.h"

namespace mxsim {

/// x_train.npy, y_train.npy, x_test.npy and y_test.npy.
bool has_npy_samples(const std::string& folder);
Dataset read_npy_samples(const std::string& folder);

}  // namespace mxsim
