#pragma once

#include <string>

#include "sim/data/dataset.h"

namespace mxsim {

/// The binary version of CIFAR-10 or CIFAR-100 (cs.toronto.edu/~kriz/cifar.html).
bool has_cifar_files(const std::string& folder);
Dataset read_cifar_files(const std::string& folder);

}  // namespace mxsim
