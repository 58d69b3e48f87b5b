#include "sim/data/text_tokens.h"

#include <vector>

#include "models/core/error.h"
#include "sim/data/byte_file.h"

namespace mxsim {
namespace {

constexpr std::int64_t kTestShare = 10;
constexpr std::size_t kMostBytes = std::size_t{1} << 31;

Samples windows(const std::vector<std::uint8_t>& bytes, std::int64_t first, std::int64_t past,
                std::int64_t length) {
  Samples samples;
  samples.shape = {length};
  samples.labels_per_sample = length;
  samples.tokens = true;
  const auto begin = bytes.begin() + static_cast<std::ptrdiff_t>(first * length);
  const auto end = bytes.begin() + static_cast<std::ptrdiff_t>(past * length);
  samples.values = std::vector<std::uint8_t>(begin, end);
  samples.labels.assign(begin + 1, end + 1);
  return samples;
}

}  // namespace

Dataset read_text_tokens(const std::string& path, std::int64_t length) {
  const std::vector<std::uint8_t> bytes = read_bytes(path, kMostBytes);
  const std::int64_t count = (static_cast<std::int64_t>(bytes.size()) - 1) / length;
  if (count < kTestShare) {
    throw InputError({{path, "",
                       "holds " + std::to_string(bytes.size()) + " bytes, expected at least " +
                           std::to_string(kTestShare * length + 1) + ": ten samples of " +
                           std::to_string(length) + " tokens"}});
  }
  const std::int64_t train = count - count / kTestShare;
  return {windows(bytes, 0, train, length), windows(bytes, train, count, length), {{0}, {1}}};
}

}  // namespace mxsim
