#include "models/workload/storage_plan.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "models/formats/format_table.h"
#include "models/workload/lower.h"
#include "tests/support/diagnostics.h"
#include "tests/support/small_graphs.h"

namespace mxsim {
namespace {

using Lines = std::vector<std::string>;

LoweringPolicy mxsf_policy() {
  LoweringPolicy policy;
  policy.batch = 16;
  policy.wide = parse_format("bf16");
  policy.formats.format = parse_format("mxsf");
  return policy;
}

/// Names of the stored copies of a value.
Lines copies_of(const OpList& list, const std::string& value) {
  Lines names;
  for (const StoredTensor& tensor : list.tensors) {
    if (tensor.name.starts_with(value + "@")) names.push_back(tensor.name);
  }
  return names;
}

/// y = conv(relu(conv(image))) + relu: the middle tensor feeds a GEMM and an addition.
Graph skip_net() {
  const RawAttributes conv{{"out_channels", {8}}, {"kernel", {3}}, {"padding", {1}}, {"bias", {0}}};
  return GraphBuilder({8, 8, 8})
      .layer("c1", "conv2d", {"image"}, conv)
      .layer("r1", "relu", {"c1"})
      .layer("c2", "conv2d", {"r1"}, conv)
      .layer("sum", "add", {"c2", "r1"})
      .layer("flat", "flatten", {"sum"})
      .layer("loss", "cross_entropy", {"flat"})
      .build();
}

TEST(StoragePlan, AGemmOperandThatIsAlsoAddedIsStoredTwiceUnderOperands) {
  LoweringPolicy policy = mxsf_policy();
  const std::vector<std::pair<StoragePolicy, Lines>> expected{
      {StoragePolicy::kOperands, {"r1@mxsf:8x8", "r1@bf16"}},
      {StoragePolicy::kWeightsActivations, {"r1@mxsf:8x8", "r1@bf16"}},
      {StoragePolicy::kAll, {"r1@mxsf:8x8"}},
      {StoragePolicy::kNone, {"r1@bf16"}}};
  for (const auto& [storage, copies] : expected) {
    policy.formats.storage = storage;
    EXPECT_EQ(copies_of(lower(skip_net(), policy), "r1"), copies);
  }
}

TEST(StoragePlan, ElementwiseLayersMayReadTheCopyOfTheGemm) {
  LoweringPolicy policy = mxsf_policy();
  policy.formats.elementwise = ElementwiseReads::kNarrow;
  const OpList list = lower(skip_net(), policy);
  EXPECT_EQ(copies_of(list, "r1"), Lines{"r1@mxsf:8x8"});
  const auto sum = std::find_if(list.groups.begin(), list.groups.end(), [&](const OpGroup& group) {
    return std::any_of(group.streamed_reads.begin(), group.streamed_reads.end(),
                       [&](TensorId id) { return list.tensors[id].name.starts_with("r1@"); });
  });
  ASSERT_NE(sum, list.groups.end());
  // What no GEMM reads stays wide.
  for (const std::string& copy : copies_of(list, "sum")) EXPECT_EQ(copy, "sum@bf16");
  policy.formats.storage = StoragePolicy::kNone;
  EXPECT_EQ(copies_of(lower(skip_net(), policy), "r1"), Lines{"r1@bf16"});
}

TEST(StoragePlan, OneDimensionalCopiesRunAlongChannelsAndPixels) {
  LoweringPolicy policy = mxsf_policy();
  policy.formats.format = parse_format("mxfp8_e4m3");
  policy.formats.transpose = TransposePolicy::kDual;
  const OpList list = lower(skip_net(), policy);
  EXPECT_EQ(copies_of(list, "r1"), (Lines{"r1@mxfp8_e4m3:1x32", "r1@mxfp8_e4m3:32x1", "r1@bf16"}));
  EXPECT_EQ(copies_of(list, "c2.weight"),
            (Lines{"c2.weight@mxfp8_e4m3:32x1", "c2.weight@mxfp8_e4m3:1x32"}));
  // No data gradient of the first layer: its weights and dY have one reader each.
  EXPECT_EQ(copies_of(list, "c1.weight"), Lines{"c1.weight@mxfp8_e4m3:32x1"});
  EXPECT_EQ(copies_of(list, "c1.grad"), Lines{"c1.grad@mxfp8_e4m3:32x1"});
}

TEST(StoragePlan, RequantizationRunsJustBeforeTheOtherOrientationIsRead) {
  LoweringPolicy policy = mxsf_policy();
  policy.formats.format = parse_format("mxfp8_e4m3");
  policy.formats.transpose = TransposePolicy::kRequantize;
  const OpList list = lower(skip_net(), policy);
  const auto requantized =
      std::find_if(list.groups.begin(), list.groups.end(), [&](const OpGroup& group) {
        return group.op == "requantize" &&
               list.tensors[group.writes[0].tensor].name == "r1@mxfp8_e4m3:32x1";
      });
  ASSERT_NE(requantized, list.groups.end());
  EXPECT_EQ(list.tensors[requantized->streamed_reads[0]].name, "r1@mxfp8_e4m3:1x32");
  EXPECT_EQ(requantized->layer, "c2");
  EXPECT_EQ(requantized->pass, Pass::kBackwardWeight);
  const auto user = std::find_if(requantized, list.groups.end(),
                                 [](const OpGroup& group) { return !group.gemms.empty(); });
  EXPECT_EQ(user->gemms[0].a, requantized->writes[0].tensor);
}

TEST(StoragePlan, TheNetworkInputArrivesWideAndIsQuantizedOnChip) {
  const OpList list = lower(skip_net(), mxsf_policy());
  EXPECT_EQ(list.groups[0].op, "quantize");
  EXPECT_EQ(list.tensors[list.groups[0].streamed_reads[0]].name, "image@bf16");
  EXPECT_EQ(list.tensors[list.groups[0].writes[0].tensor].name, "image@mxsf:8x8");
}

/// The form in which the image arrives, and what its first layer makes of it.
Lines arrival(InputForm form, const std::string& format, const std::string& operands = "mxsf") {
  LoweringPolicy policy = mxsf_policy();
  policy.formats.format = parse_format(operands);
  policy.formats.input = form;
  policy.formats.input_format = parse_format(format);
  const OpList list = lower(skip_net(), policy);
  const OpGroup& first = list.groups[0];
  if (!first.gemms.empty()) return {list.tensors[first.gemms[0].a].name};
  return {list.tensors[first.streamed_reads[0]].name, first.op,
          list.tensors[first.writes[0].tensor].name};
}

TEST(StoragePlan, TheNetworkInputHasAFormatOfItsOwn) {
  EXPECT_EQ(arrival(InputForm::kNamed, "uint8"),
            (Lines{"image@uint8:allxall", "requantize", "image@mxsf:8x8"}));
  EXPECT_EQ(arrival(InputForm::kNamed, "fp16"),
            (Lines{"image@fp16", "quantize", "image@mxsf:8x8"}));
  EXPECT_EQ(arrival(InputForm::kNamed, "uint8", "bf16"),
            (Lines{"image@uint8:allxall", "dequantize", "image@bf16"}));
  EXPECT_EQ(arrival(InputForm::kOperand, "bf16"), Lines{"image@mxsf:8x8"});
  EXPECT_EQ(arrival(InputForm::kNamed, "mxsf"), Lines{"image@mxsf:8x8"});
}

TEST(StoragePlan, AQuantizedInputGivesItsOtherOrientationByAConversion) {
  LoweringPolicy policy = mxsf_policy();
  policy.formats.format = parse_format("mxfp8_e4m3");
  policy.formats.input = InputForm::kOperand;
  const OpList list = lower(skip_net(), policy);
  EXPECT_EQ(copies_of(list, "image"), (Lines{"image@mxfp8_e4m3:1x32", "image@mxfp8_e4m3:32x1"}));
  Lines conversions;
  for (const OpGroup& group : list.groups) {
    if (group.op != "requantize") continue;
    conversions.push_back(list.tensors[group.streamed_reads[0]].name + " " +
                          list.tensors[group.writes[0].tensor].name);
  }
  EXPECT_EQ(conversions, Lines{"image@mxfp8_e4m3:1x32 image@mxfp8_e4m3:32x1"});
}

/// Two convolutions of one image.
Graph forked_net() {
  const RawAttributes conv{{"out_channels", {8}}, {"kernel", {3}}, {"padding", {1}}, {"bias", {0}}};
  return GraphBuilder({8, 8, 8})
      .layer("c1", "conv2d", {"image"}, conv)
      .layer("c2", "conv2d", {"image"}, conv)
      .layer("sum", "add", {"c1", "c2"})
      .layer("flat", "flatten", {"sum"})
      .layer("loss", "cross_entropy", {"flat"})
      .build();
}

TEST(StoragePlan, ReuseComparesAllCopiesOfAValueNotTheFirstAlone) {
  LoweringPolicy policy = mxsf_policy();
  policy.formats.format = parse_format("mxfp8_e4m3");
  policy.formats.transpose = TransposePolicy::kReuse;
  FormatOverride wide;
  wide.layers = "c1";
  wide.weights = wide.activations = wide.gradients = parse_format("bf16");
  policy.formats.overrides = {wide};
  const std::vector<std::string> faults = fault_lines([&] { lower(forked_net(), policy); });
  ASSERT_EQ(faults.size(), 1U);
  EXPECT_TRUE(faults[0].starts_with(
      "/formats/transpose: reuse needs 2-D tiles: \"image\" in mxfp8_e4m3 is reduced"));
}

TEST(StoragePlan, TilesHaveACopyForEachOrientationWhereThePolicyAsksForIt) {
  LoweringPolicy policy = mxsf_policy();
  const Lines two{"c2.weight@mxsf:8x8 for sums along columns",
                  "c2.weight@mxsf:8x8 for sums along rows"};
  for (const auto transpose : {TransposePolicy::kDual, TransposePolicy::kRequantize}) {
    policy.formats.transpose = transpose;
    EXPECT_EQ(copies_of(lower(skip_net(), policy), "c2.weight"), two);
  }
  for (const auto transpose : {TransposePolicy::kAuto, TransposePolicy::kReuse}) {
    policy.formats.transpose = transpose;
    EXPECT_EQ(copies_of(lower(skip_net(), policy), "c2.weight"), Lines{"c2.weight@mxsf:8x8"});
  }
}

TEST(StoragePlan, MasksAndPlacesCostTheirBits) {
  const OpList list = lower(skip_net(), mxsf_policy());
  const auto mask = std::find_if(list.tensors.begin(), list.tensors.end(), [](const auto& tensor) {
    return tensor.name.starts_with("r1.mask");
  });
  ASSERT_NE(mask, list.tensors.end());
  EXPECT_EQ(mask->bytes().count(), 16 * 64 * 8 / 8);
}

}  // namespace
}  // namespace mxsim
