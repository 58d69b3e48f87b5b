#pragma once

#include <string>

#include "models/values/given_parameters.h"
#include "sim/npy/npz_file.h"

namespace mxsim {

/// Parameters or other tensors by name, as a .npz archive of binary32. `path` names it in faults.
std::string weights_bytes(const std::string& path, const NetworkTensors& tensors);

/// Parameters and states alone, from a checkpoint or any .npz archive of floats.
NetworkTensors read_weights(const std::string& path);

/// The arrays of an archive without the entries "__..." of a checkpoint.
NetworkTensors tensors_of(const NpzArrays& arrays, const std::string& path);

}  // namespace mxsim
