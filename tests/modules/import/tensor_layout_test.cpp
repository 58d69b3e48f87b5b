#include "sim/import/lowering/tensor_layout.h"

#include <gtest/gtest.h>

namespace mxsim {
namespace {

TensorLayout transposed(TensorLayout layout, const std::vector<std::size_t>& order) {
  const TensorLayout before = layout;
  for (std::size_t i = 0; i < order.size(); ++i) layout.axes[i] = before.axes[order[i]];
  return layout;
}

TEST(TensorLayout, HeadsThatAreSplitAndJoinedAgainLieAsTheyLay) {
  const TensorLayout tokens = plain_layout({1, 10, 12}, 1);
  const auto heads = reshaped(tokens, {1, 10, 3, 4}, 1);
  ASSERT_TRUE(heads);
  const TensorLayout first = transposed(*heads, {0, 2, 1, 3});
  EXPECT_FALSE(lies_in_order(first, all_axes(first)));
  const auto joined = reshaped(transposed(first, {0, 2, 1, 3}), {1, 10, 12}, 1);
  ASSERT_TRUE(joined);
  EXPECT_EQ(simplified(*joined).factors, (std::vector<std::int64_t>{10, 12}));
  EXPECT_TRUE(lies_in_order(*joined, all_axes(*joined)));
}

TEST(TensorLayout, AnAxisThatCutsAFactorUnevenlyIsNoLayout) {
  EXPECT_FALSE(reshaped(plain_layout({1, 6, 4}, 1), {1, 8, 3}, 1));
  EXPECT_TRUE(reshaped(plain_layout({1, 6, 4}, 1), {1, 2, 12}, 1));
}

TEST(TensorLayout, TheBatchIsNoFactorAndCannotBeCut) {
  const TensorLayout images = plain_layout({8, 3, 5}, 8);
  EXPECT_EQ(images.factors, (std::vector<std::int64_t>{3, 5}));
  EXPECT_TRUE(images.has_batch(0));
  EXPECT_TRUE(reshaped(images, {24, 5}, 8));
  EXPECT_FALSE(reshaped(images, {4, 2, 15}, 8));
}

TEST(TensorLayout, TransposedAxesOfOneRowStayWhereTheyAre) {
  const TensorLayout column = plain_layout({1, 7, 1}, 1);
  const TensorLayout row = transposed(column, {0, 2, 1});
  EXPECT_TRUE(lies_in_order(row, all_axes(row)));
}

}  // namespace
}  // namespace mxsim
