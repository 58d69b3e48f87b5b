// Query heads that share keys and values have the values of heads with copies of their own.
#include <gtest/gtest.h>

#include "models/core/rng.h"
#include "models/formats/format_table.h"
#include "models/values/network.h"
#include "tests/support/small_graphs.h"

namespace mxsim {
namespace {

constexpr std::int64_t kBatch = 3;
constexpr std::int64_t kTokens = 5;
constexpr std::int64_t kFeatures = 7;
constexpr std::int64_t kHeads = 6;
constexpr std::int64_t kWidth = 4;

Graph attention(std::int64_t kv) {
  return GraphBuilder({kTokens, kFeatures})
      .layer("q", "linear", {"image"}, {{"out_features", {kHeads * kWidth}}, {"bias", {0}}})
      .layer("k", "linear", {"image"}, {{"out_features", {kv * kWidth}}, {"bias", {0}}})
      .layer("v", "linear", {"image"}, {{"out_features", {kv * kWidth}}, {"bias", {0}}})
      .layer("kind", "attention", {"q", "k", "v"},
             {{"heads", {kHeads}}, {"kv_heads", {kv}}, {"causal", {1}}})
      .layer("flat", "flatten", {"kind"})
      .layer("fc", "linear", {"flat"}, {{"out_features", {4}}, {"bias", {0}}})
      .layer("loss", "cross_entropy", {"fc"})
      .build();
}

std::vector<float> drawn(const std::string& name, std::int64_t count) {
  const CounterRng rng(4, name);
  std::vector<float> values;
  for (std::int64_t i = 0; i < count; ++i) {
    values.push_back(static_cast<float>(rng.normal(static_cast<std::uint64_t>(i))));
  }
  return values;
}

/// Each head's columns `copies` times, side by side.
std::vector<float> repeated(const std::vector<float>& weight, std::int64_t kv,
                            std::int64_t copies) {
  std::vector<float> result;
  for (std::int64_t row = 0; row < kFeatures; ++row) {
    for (std::int64_t head = 0; head < kv * copies; ++head) {
      const auto first = weight.begin() + (row * kv + head / copies) * kWidth;
      result.insert(result.end(), first, first + kWidth);
    }
  }
  return result;
}

std::vector<float> classified(std::int64_t kv, const NetworkTensors& weights,
                              const std::string& format) {
  LoweringPolicy policy;
  policy.batch = kBatch;
  policy.wide = parse_format("bf16");
  policy.formats.format = parse_format(format);
  const ArraySpec array;
  Workers workers(2);
  InferredNetwork network(attention(kv), policy, array, workers);
  network.set(weights);
  return network.classify(drawn("image", kBatch * kTokens * kFeatures));
}

TEST(GroupedQueries, HaveTheValuesOfHeadsWithCopiesOfTheirOwn) {
  for (const std::int64_t kv : {1, 2, 3}) {
    NetworkTensors weights{{"q.weight", drawn("q", kFeatures * kHeads * kWidth)},
                           {"k.weight", drawn("k", kFeatures * kv * kWidth)},
                           {"v.weight", drawn("v", kFeatures * kv * kWidth)},
                           {"fc.weight", drawn("fc", kTokens * kHeads * kWidth * 4)}};
    NetworkTensors copies = weights;
    for (const char* name : {"k.weight", "v.weight"}) {
      copies[name] = repeated(weights[name], kv, kHeads / kv);
    }
    for (const char* format : {"fp32", "bf16", "fp8_e4m3"}) {
      EXPECT_EQ(classified(kv, weights, format), classified(kHeads, copies, format))
          << kv << " " << format;
    }
  }
}

}  // namespace
}  // namespace mxsim
