#include "tests/support/drawn_layer.h"

#include <algorithm>
#include <cmath>

#include "models/core/rng.h"

namespace mxsim::testing {
namespace {

RowMatrix drawn(std::uint64_t seed, const char* stream, std::int64_t rows, std::int64_t cols,
                double deviation) {
  const CounterRng rng(seed, stream);
  RowMatrix matrix(rows, cols);
  for (std::int64_t i = 0; i < matrix.size(); ++i) {
    matrix.data()[i] = static_cast<float>(rng.normal(static_cast<std::uint64_t>(i)) * deviation);
  }
  return matrix;
}

}  // namespace

DrawnLayer drawn_layer(std::uint64_t seed, const std::string& format, const DrawnSize& size) {
  const auto k = static_cast<double>(size.reduction);
  DrawnLayer result;
  const RowMatrix mixed = drawn(seed, "positions", size.positions, size.reduction, 1) *
                          drawn(seed, "mixture", size.reduction, size.reduction, 1 / std::sqrt(k));
  result.x = (mixed.array() + 0.3).max(0.0).matrix();
  result.y = result.x + drawn(seed, "noise", size.positions, size.reduction, size.noise);
  result.layer.name = "drawn";
  result.layer.weights = drawn(seed, "weights", size.reduction, size.outputs, std::sqrt(2 / k));
  FormatSpec spec = parse_format(format);
  BlockShape block = spec.default_block;
  if (block.rows == 1) block = {block.cols, 1};
  if (spec.offsets) spec.offsets->shape = {spec.offsets->shape.cols, 1};
  result.layer.layout = {spec, block};
  Workers alone(1);
  result.layer.groups.emplace_back(size.reduction).add(result.x, result.y, alone);
  return result;
}

double direct_noise(const DrawnLayer& drawn, const RowMatrix& quantized) {
  return (drawn.x * drawn.layer.weights - drawn.y * quantized).squaredNorm();
}

}  // namespace mxsim::testing
