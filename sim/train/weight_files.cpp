#include "sim/train/weight_files.h"

#include "sim/data/network_weights.h"

namespace mxsim {

std::vector<WeightFile> read_weight_files(const std::vector<std::string>& paths,
                                          const ImportOptions& sizes) {
  std::vector<WeightFile> files;
  for (const std::string& path : paths) files.push_back({path, load_weights(path, sizes)});
  return files;
}

}  // namespace mxsim
