#include "models/mapping/chip/dram_compression.h"

#include <algorithm>
#include <cmath>

namespace mxsim {

double DramCompression::of(TensorRole role) const {
  switch (role) {
    case TensorRole::kWeight:
      return weights;
    case TensorRole::kActivation:
      return activations;
    case TensorRole::kGradient:
      return gradients;
    default:
      return 1;
  }
}

double DramCompression::least() const { return std::min({weights, activations, gradients}); }

std::int64_t compressed_bytes(std::int64_t bytes, double ratio) {
  return std::min(bytes, static_cast<std::int64_t>(std::ceil(static_cast<double>(bytes) * ratio)));
}

DramRun compressed(const DramRun& run, double ratio) {
  if (ratio == 1) return run;
  DramRun piece = joined(run);
  piece.row_bytes = compressed_bytes(piece.row_bytes, ratio);
  return piece;
}

std::vector<DramRun> compressed(std::vector<DramRun> runs, double ratio) {
  if (ratio == 1) return runs;
  for (DramRun& run : runs) run = compressed(run, ratio);
  return runs;
}

}  // namespace mxsim
