#pragma once

#include <string>

#include "sim/data/dataset.h"

namespace mxsim {

/// The four files of the MNIST family (yann.lecun.com/exdb/mnist): images of one channel.
bool has_idx_files(const std::string& folder);
Dataset read_idx_files(const std::string& folder);

}  // namespace mxsim
