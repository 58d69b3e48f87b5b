#include "models/mapping/memory/memory_class.h"

#include <gtest/gtest.h>

#include <map>
#include <stdexcept>
#include <string>
#include <vector>

#include "models/formats/format_table.h"
#include "models/mapping/memory/memory_plan.h"
#include "models/workload/lower.h"
#include "tests/support/small_graphs.h"

namespace mxsim {
namespace {

constexpr Bytes kPlenty{std::int64_t{1} << 40};
constexpr std::int64_t kRows = 64;
constexpr std::int64_t kWidth = 128;
constexpr std::int64_t kClasses = 32;

/// Three linear layers with a ReLU between the first two, BF16 operands.
OpList three_layers(Mode mode, Optimizer optimizer = Optimizer::kAdam) {
  const RawAttributes square{{"out_features", {kWidth}}, {"bias", {0}}};
  const Graph graph =
      GraphBuilder({kWidth})
          .layer("fc1", "linear", {"image"}, square)
          .layer("relu", "relu", {"fc1"})
          .layer("fc2", "linear", {"relu"}, square)
          .layer("fc3", "linear", {"fc2"}, {{"out_features", {kClasses}}, {"bias", {0}}})
          .layer("loss", "cross_entropy", {"fc3"})
          .build();
  LoweringPolicy policy;
  policy.mode = mode;
  policy.batch = kRows;
  policy.wide = policy.formats.format = parse_format("bf16");
  policy.training.optimizer = optimizer;
  return lower(graph, policy);
}

std::map<MemoryClass, std::int64_t> bytes_by_class(const OpList& ops) {
  const std::vector<MemoryClass> classes = memory_classes(ops);
  std::map<MemoryClass, std::int64_t> bytes;
  for (std::size_t i = 0; i < classes.size(); ++i) {
    bytes[classes[i]] += ops.tensors[i].bytes().count();
  }
  return bytes;
}

TEST(MemoryClasses, OfATrainingStepAreCountedByHand) {
  const OpList ops = three_layers(Mode::kTrain);
  std::map<MemoryClass, std::int64_t> bytes = bytes_by_class(ops);
  constexpr std::int64_t kParameters = 2 * kWidth * kWidth + kWidth * kClasses;
  constexpr std::int64_t kTensor = kRows * kWidth;
  EXPECT_EQ(bytes[MemoryClass::kWeights], (4 + 2) * kParameters) << "FP32 masters, BF16 operands";
  EXPECT_EQ(bytes[MemoryClass::kOptimizerState], 8 * kParameters);
  // Of the loss, probabilities and labels; the mask has a bit an element.
  EXPECT_EQ(bytes[MemoryClass::kActivationsKept],
            3 * 2 * kTensor + kTensor / 8 + kRows * (2 * kClasses + 4));
  // To the scores, fc2 and the ReLU's input, and to each parameter.
  EXPECT_EQ(bytes[MemoryClass::kGradients], 2 * (kRows * kClasses + 2 * kTensor) + 2 * kParameters);
  // The scores; what the loss picks of the probabilities, and the loss, in FP32.
  EXPECT_EQ(bytes[MemoryClass::kWorkspace], 2 * kRows * kClasses + 4 * kRows + 4);
}

TEST(MemoryClasses, InferenceKeepsNothing) {
  std::map<MemoryClass, std::int64_t> bytes = bytes_by_class(three_layers(Mode::kInfer));
  EXPECT_EQ(bytes[MemoryClass::kWeights], 2 * (2 * kWidth * kWidth + kWidth * kClasses));
  EXPECT_EQ(bytes[MemoryClass::kActivationsKept], 0);
  EXPECT_EQ(bytes[MemoryClass::kGradients], 0);
  EXPECT_EQ(bytes[MemoryClass::kOptimizerState], 0);
}

TEST(MemoryClasses, AddUpToThePlansPeak) {
  for (const Mode mode : {Mode::kTrain, Mode::kInfer}) {
    const OpList ops = three_layers(mode);
    const MemoryPlan plan(ops, kPlenty, Bytes(5000));
    EXPECT_EQ(sum(plan.dram_classes().at_peak), plan.peak_live());
    EXPECT_EQ(plan.scratch_bytes(), Bytes(8192));
    for (std::size_t i = 0; i < kMemoryClassCount; ++i) {
      EXPECT_GE(plan.dram_classes().alone[i], plan.dram_classes().at_peak[i]);
    }
  }
}

// The forward GEMM sums along rows of fc1's result, dW along its columns. With dual both copies
// come with the result, and dW's is kept; with requantize the first is kept to make the other from
// it.
TEST(MemoryClasses, OfTwoCopiesTheOneThatTheBackwardPassBeginsWithIsKept) {
  const auto kept = [](TransposePolicy transpose, const std::string& block) {
    LoweringPolicy policy;
    policy.batch = kRows;
    policy.wide = parse_format("bf16");
    policy.formats.format = parse_format("mxfp8_e4m3");
    policy.formats.transpose = transpose;
    const OpList ops = lower(mlp({kWidth, kWidth, kWidth}), policy);
    const std::vector<MemoryClass> classes = memory_classes(ops);
    const std::string name = "fc1@mxfp8_e4m3:" + block;
    for (std::size_t i = 0; i < classes.size(); ++i) {
      if (ops.tensors[i].name == name) return classes[i] == MemoryClass::kActivationsKept;
    }
    throw std::runtime_error("no tensor " + name);
  };
  EXPECT_FALSE(kept(TransposePolicy::kDual, "1x32"));
  EXPECT_TRUE(kept(TransposePolicy::kDual, "32x1"));
  EXPECT_TRUE(kept(TransposePolicy::kRequantize, "1x32"));
  EXPECT_FALSE(kept(TransposePolicy::kRequantize, "32x1"));
}

TEST(ClassPeaks, HoldTheFullestMomentAndTheMostOfEachClass) {
  ClassPeaks peaks;
  BytesByClass now = only(MemoryClass::kWeights, Bytes(5));
  peaks.note(now += only(MemoryClass::kGradients, Bytes(7)));
  peaks.note(only(MemoryClass::kWorkspace, Bytes(11)));
  EXPECT_EQ(sum(peaks.at_peak), Bytes(12));
  EXPECT_EQ(peaks.at_peak, now);
  EXPECT_EQ(sum(peaks.alone), Bytes(23));
}

}  // namespace
}  // namespace mxsim
