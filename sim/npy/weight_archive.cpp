#include "sim/npy/weight_archive.h"

#include "sim/npy/npy_floats.h"

namespace mxsim {

std::string weights_bytes(const std::string& path, const NetworkTensors& tensors) {
  NpzArrays arrays;
  for (const auto& [name, values] : tensors) arrays[name] = flat_array(NpyType::kFloat32, values);
  return npz_bytes(path, arrays);
}

NetworkTensors read_weights(const std::string& path) { return tensors_of(read_npz(path), path); }

NetworkTensors tensors_of(const NpzArrays& arrays, const std::string& path) {
  NetworkTensors tensors;
  for (const auto& [name, array] : arrays) {
    if (name.starts_with("__")) continue;
    tensors[name] = to_floats(array, path + ": " + name, Float64Rounding::kNearestEven);
  }
  return tensors;
}

}  // namespace mxsim
