#include "sim/data/dataset.h"

#include <cmath>
#include <filesystem>

#include "models/core/error.h"
#include "sim/data/cifar_files.h"
#include "sim/data/idx_files.h"
#include "sim/data/npy_samples.h"
#include "sim/data/text_tokens.h"

namespace mxsim {

float Samples::value(std::size_t index) const {
  return std::visit([&](const auto& held) { return static_cast<float>(held[index]); }, values);
}

Dataset read_dataset(const std::string& folder, const Shape& input) {
  std::error_code error;
  if (input.size() == 1 && std::filesystem::is_regular_file(folder, error)) {
    return read_text_tokens(folder, input[0]);
  }
  if (!std::filesystem::is_directory(folder, error)) {
    throw InputError({{folder, "", "no such folder"}});
  }
  Dataset data;
  if (has_idx_files(folder)) {
    data = read_idx_files(folder);
  } else if (has_cifar_files(folder)) {
    data = read_cifar_files(folder);
  } else if (has_npy_samples(folder)) {
    data = read_npy_samples(folder);
  } else {
    throw InputError({{folder, "",
                       "holds no data set: train-images-idx3-ubyte[.gz] (MNIST family), "
                       "data_batch_1.bin or train.bin (CIFAR), or x_train.npy"}});
  }
  data.normalisation = normalisation_of(data.train);
  return data;
}

void check_dataset(const Dataset& data, const std::string& folder, const NetworkEnds& ends) {
  std::vector<Diagnostic> faults;
  for (const Samples* samples : {&data.train, &data.test}) {
    const std::string name = samples == &data.train ? "training" : "test";
    if (samples->shape != ends.input) {
      faults.push_back({folder, "",
                        name + " samples are " + to_string(samples->shape) +
                            ", the network takes " + to_string(ends.input)});
    } else if (samples->labels_per_sample != ends.labels) {
      faults.push_back({folder, "",
                        "a " + name + " sample has " + std::to_string(samples->labels_per_sample) +
                            " labels, the network finds " + std::to_string(ends.labels)});
    }
    for (const std::uint32_t label : samples->labels) {
      if (label < static_cast<std::uint64_t>(ends.classes)) continue;
      faults.push_back({folder, "",
                        "a " + name + " label is " + std::to_string(label) + ", the network has " +
                            std::to_string(ends.classes) + " classes"});
      break;
    }
  }
  if (!faults.empty()) throw InputError(std::move(faults));
}

void gather(const Samples& samples, const Normalisation& normalisation,
            std::span<const std::int64_t> numbers, std::vector<float>& values) {
  const auto size = static_cast<std::size_t>(elements(samples.shape));
  const std::size_t channels = normalisation.mean.size();
  values.resize(size * numbers.size());
  std::visit(
      [&](const auto& held) {
        float* to = values.data();
        for (const std::int64_t number : numbers) {
          const auto* const from = held.data() + static_cast<std::size_t>(number) * size;
          for (std::size_t i = 0; i < size; i += channels) {
            for (std::size_t c = 0; c < channels; ++c) {
              *to++ = (static_cast<float>(from[i + c]) - normalisation.mean[c]) *
                      normalisation.factor[c];
            }
          }
        }
      },
      samples.values);
}

Normalisation normalisation_of(const Samples& samples) {
  // Features have no channels: all of them are one.
  const std::size_t channels =
      samples.shape.size() == 3 ? static_cast<std::size_t>(samples.channels()) : 1;
  std::vector<double> sums(channels, 0);
  std::vector<double> squares(channels, 0);
  const auto count = static_cast<std::size_t>(elements(samples.shape) * samples.count());
  for (std::size_t i = 0; i < count; ++i) {
    const double x = samples.value(i);
    sums[i % channels] += x;
    squares[i % channels] += x * x;
  }
  const double each = static_cast<double>(count / channels);
  Normalisation normalisation;
  for (std::size_t c = 0; c < channels; ++c) {
    const double mean = sums[c] / each;
    const double variance = squares[c] / each - mean * mean;
    normalisation.mean.push_back(static_cast<float>(mean));
    normalisation.factor.push_back(variance > 0 ? static_cast<float>(1 / std::sqrt(variance))
                                                : 1.0F);
  }
  return normalisation;
}

Dataset dataset_for(const std::string& folder, const NetworkEnds& ends) {
  Dataset data = read_dataset(folder, ends.input);
  check_dataset(data, folder, ends);
  return data;
}

}  // namespace mxsim
