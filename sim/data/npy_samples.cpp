#include "sim/data/npy_samples.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <filesystem>
#include <utility>

#include "models/core/error.h"
#include "sim/npy/npy_array.h"
#include "sim/npy/npy_floats.h"

namespace mxsim {
namespace {

/// Channel planes become pixels with their channels.
template <class T>
std::vector<T> by_pixels(const std::vector<T>& planes, const Shape& shape) {
  const auto channels = static_cast<std::size_t>(shape[0]);
  const auto pixels = static_cast<std::size_t>(shape[1] * shape[2]);
  std::vector<T> values(planes.size());
  for (std::size_t first = 0; first < planes.size(); first += channels * pixels) {
    for (std::size_t pixel = 0; pixel < pixels; ++pixel) {
      for (std::size_t c = 0; c < channels; ++c) {
        values[first + pixel * channels + c] = planes[first + c * pixels + pixel];
      }
    }
  }
  return values;
}

std::vector<std::uint32_t> labels_of(const NpyArray& array, const std::string& path) {
  std::vector<std::uint32_t> labels;
  const auto take = [&](auto zero) {
    using Item = decltype(zero);
    for (std::size_t i = 0; i < array.bytes.size(); i += sizeof(Item)) {
      Item item;
      std::memcpy(&item, array.bytes.data() + i, sizeof item);
      labels.push_back(item);
    }
  };
  if (array.type == NpyType::kUint8) {
    take(std::uint8_t{});
  } else if (array.type == NpyType::kUint16) {
    take(std::uint16_t{});
  } else if (array.type == NpyType::kUint32) {
    take(std::uint32_t{});
  } else {
    throw InputError({{path, "",
                       "labels are " + std::string(to_string(array.type)) +
                           ", expected uint8, uint16 or uint32"}});
  }
  return labels;
}

/// The mean and the deviation of all samples would be none, and with them every sample.
void require_finite(const std::vector<float>& values, const std::string& path) {
  const auto bad = std::find_if_not(values.begin(), values.end(),
                                    [](float value) { return std::isfinite(value); });
  if (bad == values.end()) return;
  throw InputError(
      {{path, "",
        "element " + std::to_string(bad - values.begin()) + " is no finite number (of binary32)"}});
}

Samples read_samples(const std::string& folder, const std::string& part) {
  const std::string x_path = folder + "/x_" + part + ".npy";
  const std::string y_path = folder + "/y_" + part + ".npy";
  const NpyArray x = read_npy(x_path);
  Samples samples;
  const NpyArray y = read_npy(y_path);
  if (y.shape.size() > 2) {
    throw InputError({{y_path, "", "shape " + to_string(y.shape) + ", expected N or N x labels"}});
  }
  samples.labels = labels_of(y, y_path);
  if (y.shape.size() == 2) samples.labels_per_sample = y.shape[1];
  if (x.shape.size() < 2 || x.shape.size() > 4) {
    throw InputError(
        {{x_path, "",
          "shape " + to_string(x.shape) + ", expected N x features, N x H x W or N x C x H x W"}});
  }
  if (x.shape[0] != samples.count()) {
    throw InputError({{y_path, "",
                       std::to_string(samples.count()) + " labels for " +
                           std::to_string(x.shape[0]) + " samples"}});
  }
  samples.shape.assign(x.shape.begin() + 1, x.shape.end());
  if (samples.shape.size() == 2) samples.shape.insert(samples.shape.begin(), 1);
  const auto arranged = [&](auto values) {
    return samples.shape.size() == 3 ? by_pixels(values, samples.shape) : values;
  };
  if (x.type == NpyType::kUint8) {
    samples.values = arranged(std::vector<std::uint8_t>(x.bytes.begin(), x.bytes.end()));
  } else {
    std::vector<float> values = to_floats(x, x_path, Float64Rounding::kNearestEven);
    require_finite(values, x_path);
    samples.values = arranged(std::move(values));
  }
  return samples;
}

}  // namespace

bool has_npy_samples(const std::string& folder) {
  std::error_code error;
  return std::filesystem::exists(folder + "/x_train.npy", error);
}

Dataset read_npy_samples(const std::string& folder) {
  return {read_samples(folder, "train"), read_samples(folder, "test"), {}};
}

}  // namespace mxsim
