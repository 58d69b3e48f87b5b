#include "sim/train/weight_files.h"

#include "sim/config/input_file.h"
#include "sim/import/network_file.h"
#include "sim/import/onnx/onnx_import.h"
#include "sim/train/checkpoint.h"
#include "sim/verify/stored_results.h"

namespace mxsim {

std::vector<WeightFile> read_weight_files(const std::vector<std::string>& paths) {
  std::vector<WeightFile> files;
  for (const std::string& path : paths) {
    const std::string found = find_input_file(path);
    const bool onnx = network_file_kind(found) == NetworkFileKind::kOnnx;
    files.push_back(
        {path, onnx ? parameters_of(read_stored_model(found, "")) : read_weights(path)});
  }
  return files;
}

}  // namespace mxsim
