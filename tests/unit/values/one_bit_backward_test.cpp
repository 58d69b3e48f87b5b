// Backward GEMMs of one-bit layers: products of bit planes, and the gradients that they estimate.
#include "models/values/one_bit_backward.h"

#include <gtest/gtest.h>

#include <bit>
#include <cmath>

#include "models/core/error.h"
#include "models/core/rng.h"
#include "models/formats/format_parser.h"
#include "models/values/network.h"
#include "models/workload/lower.h"
#include "tests/support/drawn_batch.h"
#include "tests/support/forward_formats.h"
#include "tests/support/small_graphs.h"

namespace mxsim {
namespace {

constexpr std::int64_t kBatch = 8;
constexpr std::int64_t kInputs = 6;

/// Signs forward, FP32 backward.
LoweringPolicy one_bit_policy() {
  return testing::forward_formats(kBatch, "binary,float32_t0", "binary");
}

std::vector<float> drawn(std::int64_t count, const std::string& stream) {
  const CounterRng rng(5, stream);
  std::vector<float> values;
  for (std::int64_t i = 0; i < count; ++i) {
    values.push_back(static_cast<float>(rng.normal(static_cast<std::uint64_t>(i))));
  }
  return values;
}

/// As the forward pass multiplies weights: a scale for each column, or one for all.
std::vector<float> signs_under_scales(std::vector<float> values, std::int64_t cols) {
  for (std::size_t i = 0; i < values.size(); ++i) {
    const float scale = 0.5F + static_cast<float>(static_cast<std::int64_t>(i) % cols);
    values[i] = std::copysign(scale, values[i]);
  }
  return values;
}

const OpGroup& group_of(const OpList& ops, const std::string& layer, Pass pass) {
  for (const OpGroup& group : ops.groups) {
    if (group.layer == layer && group.pass == pass) return group;
  }
  throw InternalError("no such group");
}

/// Sum of +-1 products of two rows of bits, 64 a word, as XNOR gates and a counter of ones have it.
std::int64_t xnor_popcount(const std::vector<std::uint64_t>& x, const std::vector<std::uint64_t>& y,
                           std::int64_t length) {
  std::int64_t ones = 0;
  for (std::int64_t word = 0; 64 * word < length; ++word) {
    const std::int64_t bits = std::min<std::int64_t>(64, length - 64 * word);
    const std::uint64_t mask = bits == 64 ? ~0ULL : (1ULL << bits) - 1;
    const auto w = static_cast<std::size_t>(word);
    ones += std::popcount(~(x[w] ^ y[w]) & mask);
  }
  return 2 * ones - length;
}

template <class IsOne>
std::vector<std::uint64_t> packed(std::int64_t length, IsOne is_one) {
  std::vector<std::uint64_t> words(static_cast<std::size_t>((length + 63) / 64), 0);
  for (std::int64_t i = 0; i < length; ++i) {
    if (is_one(i)) words[static_cast<std::size_t>(i / 64)] |= 1ULL << (i % 64);
  }
  return words;
}

// dX = (samples that stay) x bit planes of (scale_n G) by signs of W, counted in words of 64 bits.
TEST(OneBitBackward, DataGradientIsASumOfXnorPopcounts) {
  constexpr std::int64_t kOutputs = 70;  // more than a word
  const OpList ops = lower(mlp({kInputs, kInputs, kOutputs, 4}), one_bit_policy());
  const OpGroup& group = group_of(ops, "fc2", Pass::kBackwardData);
  const std::vector<float> gradient = drawn(kBatch * kOutputs, "gradient");
  const std::vector<float> weights =
      signs_under_scales(drawn(kInputs * kOutputs, "weights"), kOutputs);
  Workers workers(1);
  for (const int bits : {1, 2, 4}) {
    const OneBitTraining training{bits, GradientPruning::kSampled, GradientGroups::kChannels,
                                  kBatch};
    std::vector<float> result(kBatch * kInputs);
    multiply({group,
              grid_size(group),
              {gradient.data(), kBatch, kOutputs},
              {weights.data(), kInputs, kOutputs},
              training,
              9},
             result.data(), workers);
    std::vector<float> scaled = gradient;
    for (std::size_t i = 0; i < scaled.size(); ++i) scaled[i] *= std::fabs(weights[i % kOutputs]);
    const PrunedGradient pruned =
        prune_gradient(scaled, kOutputs, GradientGroups::kSamples, training, 9);
    const int top = (1 << bits) - 1;
    for (std::int64_t m = 0; m < kBatch; ++m) {
      const double scale = pruned.scales[static_cast<std::size_t>(m)];
      for (std::int64_t k = 0; k < kInputs; ++k) {
        const auto signs = packed(kOutputs, [&](std::int64_t n) {
          return !std::signbit(weights[static_cast<std::size_t>(k * kOutputs + n)]);
        });
        std::int64_t sum = 0;
        for (int plane = 0; plane < bits && scale != 0; ++plane) {
          const auto ones = packed(kOutputs, [&](std::int64_t n) {
            const float step = pruned.steps[static_cast<std::size_t>(m * kOutputs + n)];
            return ((static_cast<unsigned>(static_cast<int>(step) + top) / 2) >> plane & 1U) != 0U;
          });
          sum += (std::int64_t{1} << plane) * xnor_popcount(signs, ones, kOutputs);
        }
        EXPECT_EQ(result[static_cast<std::size_t>(m * kInputs + k)],
                  static_cast<float>(static_cast<double>(sum) * scale));
      }
    }
  }
}

/// A convolution with stride and padding between two others.
Graph strided() {
  const auto conv = [](std::int64_t channels, std::int64_t stride) {
    return RawAttributes{{"out_channels", {channels}},
                         {"kernel", {3}},
                         {"stride", {stride}},
                         {"padding", {1}},
                         {"bias", {0}}};
  };
  return GraphBuilder({2, 5, 6})
      .layer("a", "conv2d", {"image"}, conv(3, 1))
      .layer("b", "conv2d", {"a"}, conv(4, 2))
      .layer("flat", "flatten", {"b"})
      .layer("loss", "cross_entropy", {"flat"})
      .build();
}

// Layer b: 3 channels of 5 x 6 pixels to 4 of 3 x 3.
TEST(OneBitBackward, ConvolutionsMultiplyOddIntegersBySigns) {
  constexpr std::int64_t kIn = 3, kOut = 4, kHeight = 5, kWidth = 6, kEdge = 3;
  const OpList ops = lower(strided(), one_bit_policy());
  const std::int64_t positions = kBatch * kEdge * kEdge;
  const std::int64_t pixels = kBatch * kHeight * kWidth;
  const std::vector<float> gradient = drawn(positions * kOut, "gradient");
  const std::vector<float> weights = signs_under_scales(drawn(9 * kIn * kOut, "weights"), kOut);
  std::vector<float> activations = signs_under_scales(drawn(pixels * kIn, "activations"), 1);
  const OneBitTraining training{4, GradientPruning::kSampled, GradientGroups::kChannels, kBatch};
  Workers workers(1);
  std::vector<double> data(static_cast<std::size_t>(pixels * kIn), 0.0);
  std::vector<double> weight(9 * kIn * kOut, 0.0);
  std::vector<float> scaled = gradient;
  for (std::size_t i = 0; i < scaled.size(); ++i) scaled[i] *= std::fabs(weights[i % kOut]);
  const PrunedGradient by_sample =
      prune_gradient(scaled, kOut, GradientGroups::kSamples, training, 2);
  const PrunedGradient by_channel =
      prune_gradient(gradient, kOut, GradientGroups::kChannels, training, 2);
  for (std::int64_t p = 0; p < positions; ++p) {
    const std::int64_t image = p / 9;
    for (std::int64_t tap = 0; tap < 9; ++tap) {
      const std::int64_t y = p / 3 % 3 * 2 + tap / 3 - 1;
      const std::int64_t x = p % 3 * 2 + tap % 3 - 1;
      if (y < 0 || y >= kHeight || x < 0 || x >= kWidth) continue;
      for (std::int64_t c = 0; c < kIn; ++c) {
        for (std::int64_t n = 0; n < kOut; ++n) {
          const auto pixel =
              static_cast<std::size_t>(((image * kHeight + y) * kWidth + x) * kIn + c);
          const auto w = static_cast<std::size_t>((tap * kIn + c) * kOut + n);
          const auto g = static_cast<std::size_t>(p * kOut + n);
          data[pixel] += by_sample.steps[g] * (std::signbit(weights[w]) ? -1 : 1) *
                         by_sample.scales[static_cast<std::size_t>(image)];
          weight[w] += by_channel.steps[g] * (std::signbit(activations[pixel]) ? -1 : 1) *
                       by_channel.scales[static_cast<std::size_t>(n)] * 0.5;
        }
      }
    }
  }
  const OpGroup& backward = group_of(ops, "b", Pass::kBackwardData);
  std::vector<float> result(data.size());
  multiply({backward,
            grid_size(backward),
            {gradient.data(), positions, kOut},
            {weights.data(), 9 * kIn, kOut},
            training,
            2},
           result.data(), workers);
  for (std::size_t i = 0; i < data.size(); ++i) EXPECT_NEAR(result[i], data[i], 1e-5) << i;
  const OpGroup& gradients = group_of(ops, "b", Pass::kBackwardWeight);
  result.assign(weight.size(), 0.0F);
  multiply({gradients,
            grid_size(gradients),
            {gradient.data(), positions, kOut},
            {activations.data(), pixels, kIn},
            training,
            2},
           result.data(), workers);
  for (std::size_t i = 0; i < weight.size(); ++i) EXPECT_NEAR(result[i], weight[i], 1e-4) << i;
}

/// Updates of a step from these tensors; without bits by straight-through estimators alone.
NetworkTensors updates(const Graph& graph, const NetworkTensors& before, int bits,
                       GradientGroups weight_gradients, std::uint64_t steps) {
  const ArraySpec array;
  Workers workers(1);
  TrainedNetwork network(graph, one_bit_policy(), array, workers);
  TensorStore& store = network.executor().store();
  if (bits == 0) {
    store.follow_forward();
  } else {
    store.train_in_one_bit({bits, GradientPruning::kSampled, weight_gradients, kBatch});
  }
  StepSettings settings;
  settings.learning_rate = 1;
  NetworkTensors sums;
  for (std::uint64_t step = 1; step <= steps; ++step) {
    network.set(before);
    settings.step = static_cast<std::int64_t>(step);
    network.train(testing::drawn_batch(kBatch, kInputs, 4), settings);
    for (const auto& [name, values] : network.tensors()) {
      std::vector<float>& sum = sums[name];
      sum.resize(values.size());
      for (std::size_t i = 0; i < values.size(); ++i) {
        sum[i] += (values[i] - before.at(name)[i]) / static_cast<float>(steps);
      }
    }
  }
  return sums;
}

// Mean over steps of a three-layer network: rounding and sampling of every layer are unbiased.
TEST(OneBitBackward, UpdatesAreOnAverageThoseOfTheWholeGradient) {
  const Graph graph = mlp({kInputs, 12, 10, 4});
  const ArraySpec array;
  Workers workers(1);
  const NetworkTensors before = TrainedNetwork(graph, one_bit_policy(), array, workers).initial(2);
  const NetworkTensors whole = updates(graph, before, 0, GradientGroups::kChannels, 1);
  for (const int bits : {1, 2, 4}) {
    for (const auto groups : {GradientGroups::kChannels, GradientGroups::kSamples}) {
      const NetworkTensors mean = updates(graph, before, bits, groups, 4000);
      for (const auto& [name, values] : whole) {
        double error = 0;
        double size = 0;
        for (std::size_t i = 0; i < values.size(); ++i) {
          error += std::pow(mean.at(name)[i] - values[i], 2);
          size += values[i] * values[i];
        }
        EXPECT_LT(std::sqrt(error / size), 0.12) << name << " " << bits;
      }
    }
  }
}

TEST(OneBitBackward, PlanesOfAnyWidthMakeTheProductsOfABinaryGemm) {
  const OpList ops = lower(mlp({kInputs, 12, 16, 4}), one_bit_policy());
  for (const int bits : {1, 2, 4, 8}) {
    for (const PlaneCost& cost :
         plane_costs(ops, {bits, GradientPruning::kSampled, GradientGroups::kChannels, kBatch})) {
      if (cost.groups % bits != 0) continue;
      EXPECT_EQ(cost.plane_macs(bits), static_cast<double>(cost.macs)) << cost.layer;
    }
  }
  const std::vector<PlaneCost> three =
      plane_costs(ops, {3, GradientPruning::kSampled, GradientGroups::kChannels, kBatch});
  ASSERT_EQ(three.size(), 5U);  // no data gradient of the first layer
  for (const PlaneCost& cost : three) {
    EXPECT_DOUBLE_EQ(cost.plane_macs(3),
                     static_cast<double>(cost.macs * (cost.groups / 3) * 3) / cost.groups);
  }
}

TEST(OneBitBackward, LayersWithoutSignsAreAnError) {
  LoweringPolicy policy = one_bit_policy();
  policy.formats.overrides.clear();
  try {
    one_bit_layers(lower(mlp({kInputs, 4}), policy), kBatch);
    FAIL();
  } catch (const InputError& error) {
    EXPECT_EQ(error.diagnostics().front().message,
              "no layer multiplies weights and activations of one bit; recipe fqt-1bit does");
  }
}

}  // namespace
}  // namespace mxsim
