#pragma once

#include <map>
#include <string>

#include "sim/npy/npy_array.h"

namespace mxsim {

/// Arrays of a NumPy .npz archive by name.
using NpzArrays = std::map<std::string, NpyArray>;

/// Throws InputError naming the file and the fault: missing, no zip archive, broken, a member that
/// is no .npy array (see read_npy()).
NpzArrays read_npz(const std::string& path);

/// The archive's bytes: the same arrays give the same ones. `path` names it in faults.
std::string npz_bytes(const std::string& path, const NpzArrays& arrays);

/// The file appears whole or not at all. Throws InputError when the place cannot be written,
/// std::runtime_error when writing fails later.
void write_npz(const std::string& path, const NpzArrays& arrays);

}  // namespace mxsim
