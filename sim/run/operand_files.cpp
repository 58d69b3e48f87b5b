#include "sim/run/operand_files.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <system_error>

#include "models/core/did_you_mean.h"
#include "models/core/error.h"
#include "models/mapping/tiles/operand_data.h"
#include "sim/npy/npy_array.h"
#include "sim/npy/npy_floats.h"

namespace mxsim {
namespace {

namespace fs = std::filesystem;

std::map<std::string, const StoredTensor*> gemm_operands(const OpList& ops) {
  std::map<std::string, const StoredTensor*> operands;
  for (const OpGroup& group : ops.groups) {
    for (const GemmWork& work : group.gemms) {
      for (const TensorId id : {work.a, work.b}) {
        const StoredTensor& tensor = ops.tensors.at(static_cast<std::size_t>(id));
        operands.emplace(value_name(tensor), &tensor);
      }
    }
  }
  return operands;
}

std::vector<fs::path> npy_files(const std::string& folder) {
  std::error_code error;
  std::vector<fs::path> files;
  for (const fs::directory_entry& entry : fs::directory_iterator(folder, error)) {
    if (entry.path().extension() == ".npy") files.push_back(entry.path());
  }
  if (error) throw InputError({{folder, "", "cannot be read: " + error.message()}});
  std::sort(files.begin(), files.end());
  return files;
}

std::vector<float> load_values(const std::string& path, const StoredTensor& tensor) {
  const NpyArray array = read_npy(path);
  const Shape expected{tensor.rows, tensor.cols};
  if (array.shape != expected) {
    throw InputError(
        {{path, "",
          fmt::format("got {}, expected {} (rows x columns of \"{}\")", to_string(array.shape),
                      to_string(expected), value_name(tensor))}});
  }
  return to_floats(array, path, Float64Rounding::kNearestEven);
}

}  // namespace

std::vector<OperandFile> operand_files(const OpList& ops) {
  std::vector<OperandFile> files;
  for (const auto& [name, tensor] : gemm_operands(ops)) {
    files.push_back({name, tensor->rows, tensor->cols, tensor->role});
  }
  return files;
}

std::map<std::string, std::vector<float>> load_operands(const std::string& folder,
                                                        const OpList& ops) {
  const auto operands = gemm_operands(ops);
  std::vector<std::string> names;
  for (const auto& [name, tensor] : operands) names.push_back(name);
  std::map<std::string, std::vector<float>> values;
  std::vector<Diagnostic> faults;
  for (const fs::path& path : npy_files(folder)) {
    const auto operand = operands.find(path.stem().string());
    try {
      if (operand == operands.end()) {
        throw InputError(
            {{path.string(), "",
              "no GEMM operand has this name" + did_you_mean(path.stem().string(), names)}});
      }
      values[operand->first] = load_values(path.string(), *operand->second);
    } catch (const InputError& error) {
      faults.insert(faults.end(), error.diagnostics().begin(), error.diagnostics().end());
    }
  }
  if (!faults.empty()) throw InputError(std::move(faults));
  return values;
}

}  // namespace mxsim
