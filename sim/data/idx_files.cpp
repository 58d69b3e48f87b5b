#include "sim/data/idx_files.h"

#include <filesystem>

#include "models/core/error.h"
#include "sim/data/byte_file.h"

namespace mxsim {
namespace {

constexpr std::size_t kMostBytes = std::size_t{1} << 32;

/// Plain or packed; "" if neither is there.
std::string find_file(const std::string& folder, const std::string& name) {
  for (const char* suffix : {"", ".gz"}) {
    std::string path = folder + "/" + name + suffix;
    std::error_code error;
    if (std::filesystem::exists(path, error)) return path;
  }
  return "";
}

struct IdxArray {
  std::string path;
  Shape shape;
  std::vector<std::uint8_t> bytes;
};

/// Two zero bytes, the type (8: unsigned bytes), the number of axes, big-endian extents, elements.
IdxArray read_idx(const std::string& folder, const std::string& name, std::size_t axes) {
  IdxArray array{find_file(folder, name), {}, {}};
  if (array.path.empty()) throw InputError({{folder + "/" + name, "", "no such file"}});
  const auto fail = [&](const std::string& message) {
    throw InputError({{array.path, "", message}});
  };
  array.bytes = read_bytes(array.path, kMostBytes);
  const std::size_t header = 4 + 4 * axes;
  const std::vector<std::uint8_t>& bytes = array.bytes;
  if (bytes.size() < 4 || bytes[0] != 0 || bytes[1] != 0 || bytes[2] != 8 || bytes[3] != axes) {
    fail("not an IDX file of unsigned bytes with " + std::to_string(axes) + " axes");
  }
  if (bytes.size() < header) fail("truncated");
  for (std::size_t axis = 0; axis < axes; ++axis) {
    std::int64_t extent = 0;
    for (std::size_t i = 0; i < 4; ++i) extent = extent * 256 + bytes[4 + 4 * axis + i];
    array.shape.push_back(extent);
  }
  const auto count = checked_elements(array.shape);
  if (!count || *count == 0) fail("an array without elements");
  const auto held = static_cast<std::int64_t>(bytes.size() - header);
  if (held < *count) fail("truncated");
  if (held > *count) fail("bytes after the last element");
  array.bytes.erase(array.bytes.begin(), array.bytes.begin() + static_cast<std::ptrdiff_t>(header));
  return array;
}

Samples read_samples(const std::string& folder, const std::string& part) {
  IdxArray images = read_idx(folder, part + "-images-idx3-ubyte", 3);
  const IdxArray labels = read_idx(folder, part + "-labels-idx1-ubyte", 1);
  if (images.shape[0] != labels.shape[0]) {
    throw InputError({{labels.path, "",
                       std::to_string(labels.shape[0]) + " labels for " +
                           std::to_string(images.shape[0]) + " images"}});
  }
  Samples samples;
  samples.shape = {1, images.shape[1], images.shape[2]};
  samples.values = std::move(images.bytes);
  samples.labels.assign(labels.bytes.begin(), labels.bytes.end());
  return samples;
}

}  // namespace

bool has_idx_files(const std::string& folder) {
  return !find_file(folder, "train-images-idx3-ubyte").empty();
}

Dataset read_idx_files(const std::string& folder) {
  return {read_samples(folder, "train"), read_samples(folder, "t10k"), {}};
}

}  // namespace mxsim
