#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "models/ptq/adaround.h"
#include "models/ptq/ptq_layer.h"
#include "models/values/network.h"

namespace mxsim {

enum class PtqMethod : std::uint8_t { kNearest, kGptq, kErrorDiffusion, kAdaRound };
inline constexpr std::array kPtqMethods{PtqMethod::kNearest, PtqMethod::kGptq,
                                        PtqMethod::kErrorDiffusion, PtqMethod::kAdaRound};
/// "rtn", "gptq", "error-diffusion", "adaround"
std::string_view to_string(PtqMethod method);

struct PtqSettings {
  PtqMethod method = PtqMethod::kNearest;
  double damping = 0.01;  ///< gptq
  AdaRoundSettings learned;
  bool corrects_bias = false;
};

/// What became of one layer's weights.
struct QuantizedLayer {
  std::string name;
  std::string format;
  std::int64_t rows = 0;  ///< reduction
  std::int64_t cols = 0;  ///< output channels
  double weight_sqnr_db = 0;
  double output_sqnr_db = 0;  ///< against the wide network, on the calibration samples
  bool bias_corrected = false;
};

/// Quantized weights of a network.
struct PostTraining {
  NetworkTensors tensors;
  std::vector<QuantizedLayer> layers;
  /// Layers whose weights no method changes: of another layer, or read by columns. They are cast as
  /// they are.
  std::vector<std::string> cast_alone;
};

/// Post-training quantization, layer by layer, on two networks that see the same calibration
/// samples: one in a wide format with the given weights, and one in the formats that are wanted,
/// whose layers are quantized up to the current one. Both have the calibration samples as their
/// batch.
///
/// Bias correction (Nagel et al., arXiv 1906.04721, section 4.2, with measured means) adds the mean
/// error of every output channel to the layer's bias, or takes it from the averages of a batch norm
/// that alone reads the layer.
class PostTrainingQuantizer {
 public:
  /// Called after every layer; may throw.
  using Progress = std::function<void(std::size_t done, std::size_t total)>;
  /// Longest reduction whose sums are kept (K x K numbers).
  static constexpr std::int64_t kLongestReduction = 8192;

  /// What is referred to outlives this. Throws InputError as the networks do, and for formats and
  /// layers that the method does not take.
  PostTrainingQuantizer(InferredNetwork& wide, InferredNetwork& narrow, PtqSettings settings,
                        Workers& workers);

  /// Throws InputError for weights or inputs of a layer that are not finite.
  PostTraining run(const NetworkTensors& tensors, std::span<const float> inputs,
                   const Progress& progress);

 private:
  struct Place {
    std::size_t group;
    const GemmWork* work;
  };

  void check_layers() const;
  void quantize_layer(const Place& narrow, PostTraining& result);
  std::vector<InputSums> sums_of(const Place& wide, const Place& narrow);
  RowMatrix quantized(const PtqLayer& layer) const;
  bool correct_bias(const PtqLayer& layer, const RowMatrix& weights, PostTraining& result);
  Place place_in_wide(const std::string& layer);

  InferredNetwork& wide_;
  InferredNetwork& narrow_;
  PtqSettings settings_;
  Workers& workers_;
  std::vector<std::size_t> wide_groups_;  ///< in order
  std::size_t wide_next_ = 0;             ///< the first of them that has not run
};

}  // namespace mxsim
