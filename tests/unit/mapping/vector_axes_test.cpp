#include "models/mapping/tiles/vector_axes.h"

#include <gtest/gtest.h>

#include "models/formats/format_parser.h"
#include "models/mapping/chip/mapper_chip.h"

namespace mxsim {
namespace {

using enum Dataflow;

GemmWork product(GemmKind kind, Orientation orientation) {
  GemmWork work;
  work.kind = kind;
  work.images = 64;
  work.channels = 32;
  work.n = 16;
  work.b_orientation = orientation;
  work.format_a = work.format_b = parse_format("mxsf");
  return work;
}

// In the words of the training step: Y = X W, dX = dY W^T, dW = X^T dY, all stored row by row.
TEST(VectorAxes, LieAcrossRowsWhereAnOperandIsReadAlongItsOtherAxis) {
  const GemmWork forward = product(GemmKind::kWindow, Orientation::kAsStored);
  const GemmWork data = product(GemmKind::kWindow, Orientation::kTransposed);
  const GemmWork weights = product(GemmKind::kWeightGradient, Orientation::kAsStored);
  const auto left_across = [](Dataflow dataflow, const GemmWork& work) {
    return vector_axes(dataflow, work).left == VectorAxis::kAcrossRows;
  };
  const auto right_across = [](Dataflow dataflow, const GemmWork& work) {
    return vector_axes(dataflow, work).right == VectorAxis::kAcrossRows;
  };
  EXPECT_FALSE(left_across(kWeightStationary, forward));
  EXPECT_FALSE(right_across(kWeightStationary, forward));
  EXPECT_TRUE(left_across(kOutputStationary, forward));
  EXPECT_TRUE(right_across(kInputStationary, forward));
  EXPECT_FALSE(left_across(kWeightStationary, data));
  EXPECT_TRUE(right_across(kWeightStationary, data));
  EXPECT_FALSE(left_across(kOutputStationary, weights));
  EXPECT_FALSE(right_across(kOutputStationary, weights));
  EXPECT_TRUE(left_across(kWeightStationary, weights));
}

TEST(VectorAxes, CostAWordForEachElementWithoutATransposer) {
  const BufferSpec spec{Bytes(65536), 4, 32};
  BufferSpec gathering = spec;
  gathering.transposed_read = TransposedRead::kGather;
  const MapperChip with{ArraySpec{}, {spec, 8}, {spec, 8}, {spec, 32}, VectorSpec{}};
  MapperChip without = with;
  without.weight = SramGeometry(gathering, 8);
  const GemmTile tile{
      .images = {0, 64}, .h = {0, 1}, .w = {0, 1}, .channels = {0, 32}, .n = {0, 16}};
  for (const Orientation orientation : {Orientation::kAsStored, Orientation::kTransposed}) {
    const GemmWork work = product(GemmKind::kWindow, orientation);
    const auto command = [&](const MapperChip& chip) {
      return array_command(chip, Pass::kForward, work, tile, Accumulate::kOverwrite);
    };
    const bool across = orientation == Orientation::kTransposed;
    EXPECT_EQ(command(with).ports.b_word_bits, 256);
    EXPECT_EQ(command(without).ports.b_word_bits, across ? 8 : 256);
    EXPECT_EQ(command(with).interval, Cycles(1));
    EXPECT_EQ(command(without).interval, Cycles(1));  // weights are loaded, once a pass
    EXPECT_EQ(command(without).load.steps(1), across ? 8 : 1);
  }
}

}  // namespace
}  // namespace mxsim
