#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "models/workload/op_list.h"

namespace mxsim {

/// A GEMM operand whose values can be given.
struct OperandFile {
  std::string name;  ///< of the file, without ".npy"
  std::int64_t rows = 0;
  std::int64_t cols = 0;
  TensorRole role = TensorRole::kActivation;
};
/// By name.
std::vector<OperandFile> operand_files(const OpList& ops);

/// Values of GEMM operands from a folder: each FILE.npy holds the rows x columns of the value named
/// FILE. Throws InputError with every fault: a file that names no GEMM operand (with a
/// did-you-mean) or has another size.
std::map<std::string, std::vector<float>> load_operands(const std::string& folder,
                                                        const OpList& ops);

}  // namespace mxsim
