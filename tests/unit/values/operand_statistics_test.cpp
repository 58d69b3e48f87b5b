// Casts of GEMM operands against quantize() and sums taken here.
#include "models/values/operand_statistics.h"

#include <gtest/gtest.h>

#include <cmath>

#include "models/core/rng.h"
#include "models/formats/format_table.h"
#include "models/formats/quantizer.h"
#include "models/values/network.h"
#include "tests/support/small_graphs.h"

namespace mxsim {
namespace {

constexpr std::int64_t kBatch = 16;

LoweringPolicy policy_in(const std::string& format, StoragePolicy storage) {
  LoweringPolicy policy;
  policy.batch = kBatch;
  policy.wide = parse_format("bf16");
  policy.formats.format = parse_format(format);
  policy.formats.storage = storage;
  return policy;
}

/// Over many binades, some zeros.
std::vector<float> drawn(const std::string& name, std::size_t count) {
  const CounterRng rng(7, name);
  std::vector<float> values;
  for (std::uint64_t i = 0; i < count; ++i) {
    const double scale = std::ldexp(1.0, static_cast<int>(rng.bits(3 * i) % 24) - 20);
    values.push_back(i % 11 == 0 ? 0.0F : static_cast<float>(rng.normal(3 * i + 1) * scale));
  }
  return values;
}

float as_bf16(float value) {
  const std::vector<float> one{value};
  return quantize(one, 1, 1, default_layout(parse_format("bf16"))).value(0, 0);
}

struct Expected {
  std::int64_t zeros = 0;
  std::int64_t underflowed = 0;
  double signal = 0;
  double noise = 0;
  std::map<int, std::int64_t> magnitudes;
};

Expected cast_by_hand(const std::vector<float>& values, std::int64_t rows, std::int64_t cols,
                      const DataLayout& layout) {
  const QuantizedMatrix matrix = quantize(values, rows, cols, layout);
  Expected expected;
  for (std::int64_t r = 0; r < rows; ++r) {
    for (std::int64_t c = 0; c < cols; ++c) {
      const double before = values[static_cast<std::size_t>(r * cols + c)];
      const double after = matrix.value(r, c);
      expected.zeros += after == 0 ? 1 : 0;
      expected.underflowed += after == 0 && before != 0 ? 1 : 0;
      expected.signal += before * before;
      expected.noise += (before - after) * (before - after);
      if (before != 0) {
        ++expected.magnitudes[static_cast<int>(std::floor(std::log2(std::abs(before))))];
      }
    }
  }
  return expected;
}

void expect_same(const OperandStatistics& row, const Expected& expected, std::int64_t elements) {
  EXPECT_EQ(row.casts.elements, elements);
  EXPECT_EQ(row.casts.zeros, expected.zeros);
  EXPECT_EQ(row.casts.underflowed, expected.underflowed);
  EXPECT_EQ(row.magnitudes, expected.magnitudes);
  EXPECT_NEAR(row.casts.sqnr_db.value(), 10 * std::log10(expected.signal / expected.noise), 1e-9);
}

const OperandStatistics* found(const std::vector<OperandStatistics>& rows, const std::string& layer,
                               Pass pass, OperandRole role) {
  for (const OperandStatistics& row : rows) {
    if (row.layer == layer && row.pass == pass && row.role == role) return &row;
  }
  return nullptr;
}

TEST(OperandObserver, CountsWhatTheCastOfAnInferencesOperandsDoes) {
  for (const StoragePolicy storage : {StoragePolicy::kOperands, StoragePolicy::kNone}) {
    const ArraySpec array;
    Workers workers(1);
    InferredNetwork network(mlp({24, 20, 4}), policy_in("mxsf", storage), array, workers);
    OperandObserver observer(network.executor().ops(), workers);
    network.executor().store().observe(&observer);
    const std::vector<float> weights = drawn("weights", 24 * 20);
    std::vector<float> image = drawn("image", kBatch * 24);
    network.set({{"fc1.weight", weights}, {"fc2.weight", drawn("second", 20 * 4)}});
    network.classify(image);
    const std::vector<OperandStatistics> rows = observer.take();
    ASSERT_EQ(rows.size(), 4u);
    const OperandStatistics* const row = found(rows, "fc1", Pass::kForward, OperandRole::kWeights);
    ASSERT_NE(row, nullptr);
    std::vector<float> stored = weights;  // quantized on load: BF16 comes first
    if (storage == StoragePolicy::kNone) {
      for (float& value : stored) value = as_bf16(value);
    }
    const DataLayout layout{parse_format("mxsf"), {8, 8}};
    expect_same(*row, cast_by_hand(stored, 24, 20, layout), 24 * 20);
    EXPECT_EQ(row->casts.modes.at("e2m5") + row->casts.modes.at("e3m2"), 24 * 20);
    EXPECT_EQ(observer.take()[0].casts.elements, 0);
  }
}

TEST(OperandObserver, NamesLayerPassAndRoleOfATrainingStepsOperands) {
  const ArraySpec array;
  Workers workers(1);
  TrainedNetwork network(mlp({24, 20, 4}), policy_in("mxfp8_e4m3", StoragePolicy::kOperands), array,
                         workers);
  OperandObserver observer(network.executor().ops(), workers);
  network.set(network.initial(1));
  network.executor().store().observe(&observer);
  Batch batch{drawn("image", kBatch * 24), {}};
  for (std::int64_t i = 0; i < kBatch; ++i) batch.labels.push_back(static_cast<float>(i % 4));
  network.train(batch, {});
  const std::vector<OperandStatistics> rows = observer.take();
  const std::vector<std::tuple<std::string, Pass, OperandRole, std::int64_t>> expected{
      {"fc1", Pass::kForward, OperandRole::kActivations, kBatch * 24},
      {"fc1", Pass::kForward, OperandRole::kWeights, 24 * 20},
      {"fc2", Pass::kForward, OperandRole::kActivations, kBatch * 20},
      {"fc2", Pass::kBackwardData, OperandRole::kGradients, kBatch * 4},
      {"fc2", Pass::kBackwardData, OperandRole::kWeights, 20 * 4},
      {"fc2", Pass::kBackwardWeight, OperandRole::kActivations, kBatch * 20},
      {"fc2", Pass::kBackwardWeight, OperandRole::kGradients, kBatch * 4},
      {"fc1", Pass::kBackwardWeight, OperandRole::kGradients, kBatch * 20},
      {"fc1", Pass::kBackwardWeight, OperandRole::kWeightGradients, 24 * 20}};
  for (const auto& [layer, pass, role, elements] : expected) {
    SCOPED_TRACE(layer + " " + std::string(to_string(pass)) + " " + std::string(to_string(role)));
    const OperandStatistics* const row = found(rows, layer, pass, role);
    ASSERT_NE(row, nullptr);
    EXPECT_EQ(row->casts.elements, elements);
  }
  EXPECT_EQ(found(rows, "fc1", Pass::kBackwardData, OperandRole::kGradients), nullptr);
}

}  // namespace
}  // namespace mxsim
