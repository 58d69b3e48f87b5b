#include "sim/data/cifar_files.h"

#include <filesystem>

#include "models/core/error.h"
#include "sim/data/byte_file.h"

namespace mxsim {
namespace {

constexpr std::size_t kPixels = 32 * 32;
constexpr std::size_t kChannels = 3;
constexpr std::size_t kMostBytes = std::size_t{1} << 32;

bool exists(const std::string& path) {
  std::error_code error;
  return std::filesystem::exists(path, error);
}

/// A record is its label bytes, of which the last counts, and three planes of pixels.
void add_records(const std::string& path, std::size_t label_bytes, Samples& samples) {
  const std::vector<std::uint8_t> bytes = read_bytes(path, kMostBytes);
  const std::size_t record = label_bytes + kChannels * kPixels;
  if (bytes.empty() || bytes.size() % record != 0) {
    throw InputError({{path, "",
                       "truncated: " + std::to_string(bytes.size()) +
                           " bytes are no whole number of records of " + std::to_string(record)}});
  }
  auto& values = std::get<std::vector<std::uint8_t>>(samples.values);
  for (std::size_t first = 0; first < bytes.size(); first += record) {
    samples.labels.push_back(bytes[first + label_bytes - 1]);
    const std::uint8_t* const planes = bytes.data() + first + label_bytes;
    for (std::size_t pixel = 0; pixel < kPixels; ++pixel) {
      for (std::size_t c = 0; c < kChannels; ++c) values.push_back(planes[c * kPixels + pixel]);
    }
  }
}

}  // namespace

bool has_cifar_files(const std::string& folder) {
  return exists(folder + "/data_batch_1.bin") || exists(folder + "/train.bin");
}

Dataset read_cifar_files(const std::string& folder) {
  constexpr std::size_t kCifar10Batches = 5;
  Dataset data;
  data.train.shape = data.test.shape = {3, 32, 32};
  if (exists(folder + "/train.bin")) {
    add_records(folder + "/train.bin", 2, data.train);
    add_records(folder + "/test.bin", 2, data.test);
    return data;
  }
  for (std::size_t batch = 1; batch <= kCifar10Batches; ++batch) {
    add_records(folder + "/data_batch_" + std::to_string(batch) + ".bin", 1, data.train);
  }
  add_records(folder + "/test_batch.bin", 1, data.test);
  return data;
}

}  // namespace mxsim
