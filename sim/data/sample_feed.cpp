#include "sim/data/sample_feed.h"

#include <algorithm>
#include <cmath>

#include "models/core/rng.h"

namespace mxsim {
namespace {

/// Uniform in -reach .. reach.
std::int64_t drawn(const CounterRng& rng, std::uint64_t index, std::int64_t reach) {
  const auto choices = static_cast<std::uint64_t>(2 * reach + 1);
  return static_cast<std::int64_t>(rng.bits(index) % choices) - reach;
}

float power_of_two(std::int64_t exponent) { return std::ldexp(1.0F, static_cast<int>(exponent)); }

std::int64_t used(std::int64_t held, std::int64_t wanted) {
  return wanted > 0 ? std::min(held, wanted) : held;
}

}  // namespace

SampleFeed::SampleFeed(const Dataset& data, SampleUse use, const DataConfig& config)
    : samples_(use == SampleUse::kTraining ? data.train : data.test),
      normalisation_(data.normalisation),
      use_(use),
      config_(config),
      count_(used(samples_.count(),
                  use == SampleUse::kTraining ? config.train_samples : config.test_samples)) {
  if (config.element_octaves == 0) return;
  const CounterRng rng(config.seed, "element octaves");
  for (std::int64_t i = 0; i < elements(samples_.shape); ++i) {
    element_factors_.push_back(
        power_of_two(drawn(rng, static_cast<std::uint64_t>(i), config.element_octaves)));
  }
}

void SampleFeed::gather(std::span<const std::int64_t> numbers, const Augmentation& augmentation,
                        std::vector<float>& values) const {
  mxsim::gather(samples_, normalisation_, numbers, values);
  const auto size = static_cast<std::size_t>(elements(samples_.shape));
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    float* const sample = values.data() + i * size;
    if (use_ == SampleUse::kTraining) move(numbers[i], augmentation, sample);
    scale(numbers[i], sample);
  }
}

void SampleFeed::labels(std::span<const std::int64_t> numbers, std::vector<float>& labels) const {
  const auto each = static_cast<std::size_t>(samples_.labels_per_sample);
  labels.clear();
  for (const std::int64_t number : numbers) {
    const auto first = static_cast<std::size_t>(number) * each;
    for (std::size_t i = 0; i < each; ++i) {
      labels.push_back(static_cast<float>(samples_.labels[first + i]));
    }
  }
}

void SampleFeed::move(std::int64_t number, const Augmentation& augmentation, float* image) const {
  if (samples_.shape.size() != 3 || (!config_.flip && config_.shift == 0)) return;
  const CounterRng rng(augmentation.seed, "augmentation " + std::to_string(augmentation.epoch));
  const auto draw = static_cast<std::uint64_t>(number) * 3;
  const bool mirrored = config_.flip && rng.bits(draw) % 2 == 1;
  const std::int64_t down = drawn(rng, draw + 1, config_.shift);
  const std::int64_t right = drawn(rng, draw + 2, config_.shift);
  const std::int64_t channels = samples_.shape[0];
  const std::int64_t height = samples_.shape[1];
  const std::int64_t width = samples_.shape[2];
  const std::vector<float> held(image, image + channels * height * width);
  for (std::int64_t y = 0; y < height; ++y) {
    for (std::int64_t x = 0; x < width; ++x) {
      const std::int64_t from_y = y - down;
      const std::int64_t from_x = (mirrored ? width - 1 - x : x) - right;
      float* const to = image + (y * width + x) * channels;
      if (from_y < 0 || from_y >= height || from_x < 0 || from_x >= width) {
        std::fill_n(to, channels, 0.0F);
      } else {
        std::copy_n(held.data() + (from_y * width + from_x) * channels, channels, to);
      }
    }
  }
}

void SampleFeed::scale(std::int64_t number, float* sample) const {
  const std::int64_t size = elements(samples_.shape);
  if (config_.sample_octaves > 0) {
    const CounterRng rng(config_.seed,
                         use_ == SampleUse::kTraining ? "training octaves" : "test octaves");
    const float factor =
        power_of_two(drawn(rng, static_cast<std::uint64_t>(number), config_.sample_octaves));
    for (std::int64_t i = 0; i < size; ++i) sample[i] *= factor;
  }
  for (std::size_t i = 0; i < element_factors_.size(); ++i) sample[i] *= element_factors_[i];
}

}  // namespace mxsim
