#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "sim/config/data_config.h"
#include "sim/data/dataset.h"

namespace mxsim {

enum class SampleUse : std::uint8_t { kTraining, kTest };

/// Draws of one epoch's augmentation.
struct Augmentation {
  std::uint64_t seed = 1;
  std::int64_t epoch = 0;
};

/// Samples as the network takes them: normalised; training images mirrored and shifted; multiplied
/// by powers of two (DataConfig).
class SampleFeed {
 public:
  /// The data set outlives this.
  SampleFeed(const Dataset& data, SampleUse use, const DataConfig& config);

  std::int64_t count() const { return count_; }
  const Samples& samples() const { return samples_; }
  /// Samples of these numbers, one after another.
  void gather(std::span<const std::int64_t> numbers, const Augmentation& augmentation,
              std::vector<float>& values) const;
  /// Their labels, one after another.
  void labels(std::span<const std::int64_t> numbers, std::vector<float>& labels) const;

 private:
  void move(std::int64_t number, const Augmentation& augmentation, float* image) const;
  void scale(std::int64_t number, float* sample) const;

  const Samples& samples_;
  const Normalisation& normalisation_;
  SampleUse use_;
  DataConfig config_;
  std::int64_t count_;
  std::vector<float> element_factors_;  ///< empty: all are 1
};

}  // namespace mxsim
