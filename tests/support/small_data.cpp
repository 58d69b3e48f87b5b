#include "tests/support/small_data.h"

#include "models/core/rng.h"

namespace mxsim::testing {
namespace {

constexpr std::int64_t kEdge = 8;
constexpr std::int64_t kClasses = 4;

void write_part(const TemporaryFolder& folder, const std::string& part, std::int64_t count) {
  const CounterRng rng(11, part);
  std::vector<std::uint8_t> images;
  std::vector<std::uint8_t> labels;
  for (std::int64_t i = 0; i < count; ++i) {
    const std::int64_t label = i % kClasses;
    labels.push_back(static_cast<std::uint8_t>(label));
    for (std::int64_t y = 0; y < kEdge; ++y) {
      for (std::int64_t x = 0; x < kEdge; ++x) {
        const bool bright = y / (kEdge / 2) == label / 2 && x / (kEdge / 2) == label % 2;
        const auto noise = static_cast<std::uint8_t>(rng.bits(images.size()) % 160);
        images.push_back(bright ? static_cast<std::uint8_t>(noise / 2 + 120) : noise);
      }
    }
  }
  const auto samples = static_cast<std::uint32_t>(count);
  folder.write(part + "-images-idx3-ubyte", idx_file({samples, kEdge, kEdge}, images));
  folder.write(part + "-labels-idx1-ubyte", idx_file({samples}, labels));
}

}  // namespace

std::string idx_file(const std::vector<std::uint32_t>& extents,
                     const std::vector<std::uint8_t>& elements) {
  std::string text{'\0', '\0', '\x08', static_cast<char>(extents.size())};
  for (const std::uint32_t extent : extents) {
    for (const int shift : {24, 16, 8, 0}) text += static_cast<char>((extent >> shift) & 0xff);
  }
  return text + std::string(elements.begin(), elements.end());
}

void write_quarters(const TemporaryFolder& folder, std::int64_t train, std::int64_t test) {
  write_part(folder, "train", train);
  write_part(folder, "t10k", test);
}

std::string write_quarters_run(const TemporaryFolder& folder) {
  folder.write("trace.json", R"({
    "name": "quarters", "source": "made up",
    "inputs": [{"name": "image", "shape": [1, 8, 8]}],
    "layers": [
      {"name": "conv", "op": "conv2d", "inputs": ["image"], "outputs": ["conv"],
       "attributes": {"out_channels": 5, "kernel": 3, "padding": 1, "bias": false}},
      {"name": "bn", "op": "batch_norm", "inputs": ["conv"], "outputs": ["bn"]},
      {"name": "relu", "op": "relu", "inputs": ["bn"], "outputs": ["relu"]},
      {"name": "pool", "op": "max_pool", "inputs": ["relu"], "outputs": ["pool"],
       "attributes": {"kernel": 2, "stride": 2}},
      {"name": "flat", "op": "flatten", "inputs": ["pool"], "outputs": ["flat"]},
      {"name": "fc", "op": "linear", "inputs": ["flat"], "outputs": ["fc"],
       "attributes": {"out_features": 4}},
      {"name": "loss", "op": "cross_entropy", "inputs": ["fc"], "outputs": ["loss"]}],
    "outputs": ["loss"]})");
  return folder.write("run.json", R"({
    "chip": ")" + std::filesystem::absolute(MXSIM_ROOT "/configs/chips/tiny-8x8.json").string() +
                                      R"(",
    "workload": "trace.json", "mode": "train", "batch": 8, "formats": {"default": "mxsf"},
    "training": {"epochs": 2, "learning_rate": 0.05, "schedule": "constant"}})");
}

}  // namespace mxsim::testing
