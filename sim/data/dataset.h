#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "models/core/shape.h"
#include "models/values/network.h"

namespace mxsim {

/// Labelled samples. An image's elements lie as DRAM holds them: pixel by pixel, channels
/// innermost.
struct Samples {
  Shape shape;  ///< of a sample: {C, H, W}, or {features}
  std::variant<std::vector<std::uint8_t>, std::vector<float>> values;
  std::vector<std::uint32_t> labels;
  std::int64_t labels_per_sample = 1;
  bool tokens = false;  ///< numbers that are looked up: they are not normalised

  std::int64_t count() const {
    return static_cast<std::int64_t>(labels.size()) / labels_per_sample;
  }
  std::int64_t channels() const { return shape.front(); }
  float value(std::size_t index) const;
};

/// Of each channel: x becomes (x - mean) * factor.
struct Normalisation {
  std::vector<float> mean;
  std::vector<float> factor;
};

struct Dataset {
  Samples train;
  Samples test;
  Normalisation normalisation;  ///< to mean 0 and deviation 1 over `train`
};

/// Reads a text file as tokens for a network that takes them in one row, `input` long
/// (text_tokens.h), or a folder, by the files it holds:
///   train-images-idx3-ubyte, train-labels-idx1-ubyte, t10k-... (also .gz): the MNIST family
///   data_batch_1.bin ... data_batch_5.bin, test_batch.bin: CIFAR-10
///   train.bin, test.bin: CIFAR-100, fine labels
///   x_train.npy, y_train.npy, x_test.npy, y_test.npy: samples x extents (images N, C, H, W or N,
///   H, W), labels
/// Throws InputError that names the file: missing, not what its name says, truncated, counts that
/// differ, a label that is no class.
Dataset read_dataset(const std::string& path, const Shape& input);

/// Throws InputError unless samples have the extents of the network's input, and as many labels as
/// it finds, all of them classes.
void check_dataset(const Dataset& data, const std::string& folder, const NetworkEnds& ends);
/// Reads and checks it.
Dataset dataset_for(const std::string& folder, const NetworkEnds& ends);

/// The samples of these numbers, normalised, one after another.
void gather(const Samples& samples, const Normalisation& normalisation,
            std::span<const std::int64_t> numbers, std::vector<float>& values);

/// Mean and deviation of every channel; a constant channel keeps its scale.
Normalisation normalisation_of(const Samples& samples);

}  // namespace mxsim
