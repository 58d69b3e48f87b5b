// DRAM bytes of scales of whole tensors: current ones cost a pass, delayed ones do not.
#include <gtest/gtest.h>

#include <map>
#include <string>

#include "models/formats/format_table.h"
#include "models/workload/lower.h"
#include "tests/support/small_graphs.h"

namespace mxsim {
namespace {

constexpr std::int64_t kTokens = 64;
constexpr std::int64_t kIn = 96;
constexpr std::int64_t kOut = 160;

OpList lowered(const char* format, TensorScale scale, Mode mode = Mode::kTrain) {
  LoweringPolicy policy;
  policy.mode = mode;
  policy.batch = kTokens;
  policy.wide = parse_format("bf16");
  policy.formats.format = parse_format(format);
  policy.formats.tensor_scale = scale;
  return lower(mlp({32, kIn, kOut, 32}), policy);
}

struct Traffic {
  std::int64_t read = 0;
  std::int64_t written = 0;
};

/// Of all copies of a value.
Traffic traffic_of(const OpList& list, const std::string& value) {
  Traffic traffic;
  const auto bytes = [&](TensorId id) {
    const StoredTensor& tensor = list.tensors[id];
    return tensor.name.starts_with(value + "@") ? tensor.bytes().count() : 0;
  };
  for (const OpGroup& group : list.groups) {
    for (const GemmWork& gemm : group.gemms) traffic.read += bytes(gemm.a) + bytes(gemm.b);
    for (const TensorId id : group.streamed_reads) traffic.read += bytes(id);
    for (const TensorWrite& write : group.writes) traffic.written += bytes(write.tensor);
  }
  return traffic;
}

std::map<Event, std::int64_t> operations(const OpList& list) {
  std::map<Event, std::int64_t> sum;
  for (const OpGroup& group : list.groups) {
    for (const VectorOps& ops : group.vector_ops) {
      sum[ops.op] += ops.per_element * group.elements();
    }
  }
  return sum;
}

// An activation or gradient of n elements is written in BF16 and read again; both GEMMs read the
// one copy with its scale of 4 bytes.
TEST(TensorScale, ACurrentOneCostsAPassOverEachResult) {
  const OpList delayed = lowered("int8", TensorScale::kDelayed);
  const OpList current = lowered("int8", TensorScale::kCurrent);
  for (const auto& [value, n] : {std::pair{"fc1", kTokens * kIn}, {"fc2.grad", kTokens * kOut}}) {
    const std::int64_t copy = n + 4;
    EXPECT_EQ(traffic_of(delayed, value).written, copy) << value;
    EXPECT_EQ(traffic_of(delayed, value).read, 2 * copy) << value;
    EXPECT_EQ(traffic_of(current, value).written, copy + 2 * n) << value;
    EXPECT_EQ(traffic_of(current, value).read, 2 * copy + 2 * n) << value;
  }
}

// The update writes the master alone; the next step makes the operand copy from it.
TEST(TensorScale, WeightsAreQuantizedFromTheirMasters) {
  constexpr std::int64_t kWeights = kIn * kOut;
  const OpList delayed = lowered("int8", TensorScale::kDelayed);
  const OpList current = lowered("int8", TensorScale::kCurrent);
  const auto master = [](const OpList& list) {
    std::int64_t read = 0;
    for (const OpGroup& group : list.groups) {
      for (const TensorId id : group.streamed_reads) {
        const StoredTensor& tensor = list.tensors[id];
        const bool counts =
            tensor.role == TensorRole::kMasterWeight && tensor.name.starts_with("fc2.weight");
        read += counts ? tensor.bytes().count() : 0;
      }
    }
    return read;
  };
  EXPECT_EQ(master(delayed), 4 * kWeights);
  EXPECT_EQ(master(current), 2 * 4 * kWeights);
  EXPECT_EQ(traffic_of(current, "fc2.weight").written, traffic_of(delayed, "fc2.weight").written);
}

// Of every result and every parameter that is quantized: fc1, fc2; the gradients of fc1, fc2, fc3;
// the weights. The image arrives quantized from BF16 in both.
TEST(TensorScale, ACurrentOneIsFoundByAComparisonAnElement) {
  const auto compares = [](TensorScale scale) {
    return operations(lowered("int8", scale))[Event::kVectorCompare];
  };
  constexpr std::int64_t kWeights = 32 * kIn + kIn * kOut + kOut * 32;
  EXPECT_EQ(compares(TensorScale::kCurrent) - compares(TensorScale::kDelayed),
            kTokens * (2 * kIn + 2 * kOut + 32) + kWeights);
}

TEST(TensorScale, BlockScalesAreKnownAsTheBlockIsComplete) {
  for (const char* format : {"mxsf", "mxfp8_e4m3", "bf16"}) {
    EXPECT_EQ(lowered(format, TensorScale::kCurrent).tensors,
              lowered(format, TensorScale::kDelayed).tensors)
        << format;
  }
}

// nvfp4 has a scale of its block scales.
TEST(TensorScale, AScaleOfScalesIsOneOfTheTensor) {
  const OpList current = lowered("nvfp4:16", TensorScale::kCurrent);
  const OpList delayed = lowered("nvfp4:16", TensorScale::kDelayed);
  EXPECT_GT(current.groups.size(), delayed.groups.size());
  EXPECT_EQ(traffic_of(current, "fc1").read - traffic_of(delayed, "fc1").read,
            2 * 2 * kTokens * kIn)
      << "each orientation is made from the BF16 copy";
}

TEST(TensorScale, WeightsOfInferenceAreScaledBeforehand) {
  const OpList current = lowered("int8", TensorScale::kCurrent, Mode::kInfer);
  EXPECT_EQ(traffic_of(current, "fc2.weight").written, 0);
  EXPECT_GT(traffic_of(current, "fc1").written, 2 * kTokens * kIn);
}

}  // namespace
}  // namespace mxsim
