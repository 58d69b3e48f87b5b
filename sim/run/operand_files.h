#pragma once

#include <map>
#include <string>
#include <vector>

#include "models/workload/op_list.h"

namespace mxsim {

/// Values of GEMM operands from a folder: each FILE.npy holds the rows x columns of the value named
/// FILE. Throws InputError with every fault: a file that names no GEMM operand (with a
/// did-you-mean) or has another size.
std::map<std::string, std::vector<float>> load_operands(const std::string& folder,
                                                        const OpList& ops);

}  // namespace mxsim
