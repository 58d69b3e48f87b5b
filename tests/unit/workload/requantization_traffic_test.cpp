// DRAM bytes of the GEMM operands of one linear layer's training step, against closed forms.
//
// x, w, d: elements of X, W and dY; all extents are multiples of 32, so no block is partial. An
// element of a stored copy costs: 8x8 tile 8.125 bits, 1-D block of 32 8.25 bits, BF16 16 bits
// (8-bit elements and scales). Each operand is needed by two GEMMs: X by forward and dW, W by
// forward and dX, dY by dX and dW. Bytes per (x + w + d):
//   reuse        one copy, written once, read twice       1.015625 + 2.03125
//   dual         two copies, each written and read once   2.0625   + 2.0625
//   requantize   two copies, and one more read            2.0625   + 3.09375
//   requantize-on-load  one copy, transposed when loaded      1.03125  + 2.0625
//   bf16-copy, none     BF16, written once, read twice    2        + 4
#include <gtest/gtest.h>

#include <algorithm>

#include "models/formats/format_table.h"
#include "models/workload/lower.h"
#include "tests/support/diagnostics.h"
#include "tests/support/small_graphs.h"

namespace mxsim {
namespace {

constexpr std::int64_t kTokens = 64;
constexpr std::int64_t kIn = 96;
constexpr std::int64_t kOut = 160;
constexpr std::int64_t kElements = kTokens * kIn + kIn * kOut + kTokens * kOut;

struct Traffic {
  std::int64_t written = 0;
  std::int64_t read = 0;
  std::int64_t quantizations = 0;  ///< tensors through the encoder
};

LoweringPolicy policy_of(const std::string& format, TransposePolicy transpose,
                         StoragePolicy storage = StoragePolicy::kOperands) {
  LoweringPolicy policy;
  policy.batch = kTokens;
  policy.wide = parse_format("bf16");
  policy.formats.format = parse_format(format);
  policy.formats.transpose = transpose;
  policy.formats.storage = storage;
  return policy;
}

/// The middle layer: X comes from fc1, dY from fc3.
Traffic traffic_of(const LoweringPolicy& policy, std::int64_t in = kIn, std::int64_t out = kOut) {
  const OpList list = lower(mlp({32, in, out, 32}), policy);
  const auto is_operand = [&](TensorId id) {
    const std::string& name = list.tensors[id].name;
    return name.starts_with("fc1@") || name.starts_with("fc2.weight@") ||
           name.starts_with("fc2.grad@");
  };
  const auto bytes = [&](TensorId id) { return list.tensors[id].bytes().count(); };
  Traffic traffic;
  for (const OpGroup& group : list.groups) {
    std::vector<TensorId> reads = group.streamed_reads;
    for (const GemmWork& gemm : group.gemms) reads.insert(reads.end(), {gemm.a, gemm.b});
    for (const TensorId id : reads) traffic.read += is_operand(id) ? bytes(id) : 0;
    for (const TensorWrite& write : group.writes) {
      if (!is_operand(write.tensor)) continue;
      traffic.written += bytes(write.tensor);
      traffic.quantizations += write.encoding == Encoding::kQuantize;
    }
  }
  return traffic;
}

void expect_traffic(const LoweringPolicy& policy, double written, double read,
                    std::int64_t quantizations) {
  const Traffic traffic = traffic_of(policy);
  EXPECT_DOUBLE_EQ(static_cast<double>(traffic.written) / kElements, written);
  EXPECT_DOUBLE_EQ(static_cast<double>(traffic.read) / kElements, read);
  EXPECT_EQ(traffic.quantizations, quantizations);
}

TEST(RequantizationTraffic, TilesServeBothOrientationsFromOneCopy) {
  for (const auto transpose : {TransposePolicy::kReuse, TransposePolicy::kAuto}) {
    expect_traffic(policy_of("mxsf", transpose), 1.015625, 2.03125, 3);
  }
}

// An element of an 8x8 tile takes 65/64 bytes. Dual: two copies written, each read once.
// Requantize: the first is read once more.
TEST(RequantizationTraffic, TilesAreCopiedWhereThePolicyAsksForIt) {
  expect_traffic(policy_of("mxsf", TransposePolicy::kDual), 2 * 65.0 / 64, 2 * 65.0 / 64, 6);
  expect_traffic(policy_of("mxsf", TransposePolicy::kRequantize), 2 * 65.0 / 64, 3 * 65.0 / 64, 6);
}

TEST(RequantizationTraffic, DualWritesBothOrientations) {
  expect_traffic(policy_of("mxfp8_e4m3", TransposePolicy::kDual), 2.0625, 2.0625, 6);
}

TEST(RequantizationTraffic, RequantizeReadsTheFirstCopyOnceMore) {
  expect_traffic(policy_of("mxfp8_e4m3", TransposePolicy::kRequantize), 2.0625, 3.09375, 6);
}

TEST(RequantizationTraffic, QuantizingOnLoadMovesTheWideFormat) {
  expect_traffic(policy_of("mxfp8_e4m3", TransposePolicy::kDual, StoragePolicy::kNone), 2, 4, 0);
}

TEST(RequantizationTraffic, TurningOnLoadWritesOneCopy) {
  expect_traffic(policy_of("mxfp8_e4m3", TransposePolicy::kRequantizeOnLoad), 1.03125, 2.0625, 3);
}

TEST(RequantizationTraffic, AWideCopyIsQuantizedAtEveryLoad) {
  expect_traffic(policy_of("mxfp8_e4m3", TransposePolicy::kWideCopy), 2, 4, 0);
}

// Of a linear layer of 1024 tokens, 768 features in and out: megabytes as published figures for
// these policies give them.
TEST(RequantizationTraffic, MegabytesOfALinearLayer) {
  const auto megabytes = [&](const char* format, TransposePolicy transpose) {
    LoweringPolicy policy = policy_of(format, transpose);
    policy.batch = 1024;
    const Traffic traffic = traffic_of(policy, 768, 768);
    return static_cast<double>(traffic.read + traffic.written) / 1e6;
  };
  EXPECT_NEAR(megabytes("mxsf", TransposePolicy::kReuse), 6.59, 0.005);
  EXPECT_NEAR(megabytes("mxfp8_e4m3", TransposePolicy::kWideCopy), 12.98, 0.005);
  EXPECT_NEAR(megabytes("mxfp8_e4m3", TransposePolicy::kDual), 8.92, 0.005);
  EXPECT_NEAR(megabytes("mxfp8_e4m3", TransposePolicy::kRequantize), 11.15, 0.005);
  EXPECT_NEAR(megabytes("mxfp8_e4m3", TransposePolicy::kRequantizeOnLoad), 6.69, 0.005);
}

TEST(RequantizationTraffic, TilesAreNotTurnedOnLoad) {
  EXPECT_EQ(fault_lines([&] {
              lower(mlp({32, 32, 32}), policy_of("mxsf", TransposePolicy::kRequantizeOnLoad));
            }),
            std::vector<std::string>{
                "/formats/transpose: requantize-on-load needs 1-D blocks: one copy in tiles of "
                "mxsf serves both orientations (use reuse)"});
}

TEST(RequantizationTraffic, WideGradientsAreQuantizedOnLoad) {
  const double d = static_cast<double>(kTokens * kOut) / kElements;
  expect_traffic(policy_of("mxsf", TransposePolicy::kReuse, StoragePolicy::kWeightsActivations),
                 1.015625 * (1 - d) + 2 * d, 2.03125 * (1 - d) + 4 * d, 2);
}

TEST(RequantizationTraffic, WideFormatsHaveOneCopy) {
  expect_traffic(policy_of("bf16", TransposePolicy::kDual), 2, 4, 0);
}

/// Encodings of what attention's two batched products multiply in a training step: queries, keys,
/// values, probabilities and the gradients of scores and result.
std::int64_t attention_quantizations(const LoweringPolicy& policy) {
  const OpList list = lower(attention_graph(64, 2, 32), policy);
  std::int64_t quantizations = 0;
  for (const OpGroup& group : list.groups) {
    for (const TensorWrite& write : group.writes) {
      const std::string& name = list.tensors[write.tensor].name;
      const std::string value = name.substr(0, name.find('@'));
      const bool operand = value == "q" || value == "k" || value == "v" || value == "s" ||
                           value == "s.grad" || value == "o.grad";
      quantizations += operand && write.encoding == Encoding::kQuantize;
    }
  }
  return quantizations;
}

TEST(RequantizationTraffic, AttentionTakesTwelveQuantizationsOfOneDimensionalBlocksAndSixOfTiles) {
  EXPECT_EQ(attention_quantizations(policy_of("mxfp8_e4m3", TransposePolicy::kDual)), 12);
  EXPECT_EQ(attention_quantizations(policy_of("mxfp8_e4m3", TransposePolicy::kRequantize)), 12);
  EXPECT_EQ(attention_quantizations(policy_of("mxsf", TransposePolicy::kReuse)), 6);
}

TEST(RequantizationTraffic, ReuseRefusesOneDimensionalBlocksInTraining) {
  const LoweringPolicy policy = policy_of("mxfp8_e4m3", TransposePolicy::kReuse);
  EXPECT_EQ(fault_lines([&] {
              lower(mlp({32, 32, 32}), policy);
            }),
            std::vector<std::string>{
                "/formats/transpose: reuse needs 2-D tiles: \"image\" in mxfp8_e4m3 is reduced "
                "along rows and columns, which 1-D blocks cannot serve from one copy (use dual or "
                "requantize, or a block such as [8, 8])"});
  LoweringPolicy inference = policy;
  inference.mode = Mode::kInfer;
  EXPECT_NO_THROW(lower(mlp({32, 32, 32}), inference));
}

TEST(RequantizationTraffic, AnFp32OperandIsTheMasterItself) {
  const OpList list = lower(mlp({32, 32}), policy_of("fp32", TransposePolicy::kReuse));
  const auto weights = std::count_if(list.tensors.begin(), list.tensors.end(), [](const auto& t) {
    return t.name.starts_with("fc1.weight") && t.role != TensorRole::kOptimizerState &&
           t.role != TensorRole::kWeightGradient;
  });
  EXPECT_EQ(weights, 1);
}

}  // namespace
}  // namespace mxsim
