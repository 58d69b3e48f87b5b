// The six products of attention, executed tile by tile from the operands that the array gets and
// put where the tiles' results lie, against loops over heads.
#include <gtest/gtest.h>

#include <functional>
#include <set>

#include "models/formats/format_table.h"
#include "models/mapping/tiles/gemm_tiling.h"
#include "models/mapping/tiles/operand_data.h"
#include "models/workload/lower.h"
#include "tests/support/small_graphs.h"

namespace mxsim {
namespace {

constexpr std::int64_t kImages = 3, kHeads = 2, kTokens = 5, kWidth = 4;

/// Row-major matrix of whole numbers.
struct Matrix {
  std::int64_t rows, cols;
  std::vector<float> data;
  Matrix(std::int64_t r, std::int64_t c) : rows(r), cols(c), data(r * c, 0.0F) {}
  float& at(std::int64_t r, std::int64_t c) { return data.at(r * cols + c); }
  float at(std::int64_t r, std::int64_t c) const { return data.at(r * cols + c); }
};

/// Different in every place, and small enough for exact sums.
Matrix filled(std::int64_t rows, std::int64_t cols, float first) {
  Matrix m(rows, cols);
  for (std::size_t i = 0; i < m.data.size(); ++i) m.data[i] = first + static_cast<float>(i);
  return m;
}

/// Tokens x (head, column), and (head, query) x key.
Matrix tokens(float first) { return filled(kImages * kTokens, kHeads * kWidth, first); }
Matrix scores(float first) { return filled(kImages * kHeads * kTokens, kTokens, first); }

/// A training step in FP32.
OpList attention() {
  LoweringPolicy policy;
  policy.batch = kImages;
  policy.wide = policy.formats.format = parse_format("fp32");
  return lower(attention_graph(kTokens, kHeads, kWidth), policy);
}

/// Rows and columns of a region of a tensor.
void visit_region(const TensorRegion& r,
                  const std::function<void(std::int64_t row, std::int64_t col)>& visit) {
  for (std::int64_t i = r.images.start; i < r.images.end(); ++i)
    for (std::int64_t y = 0; y < r.h.count; ++y)
      for (std::int64_t x = 0; x < r.w.count; ++x)
        for (std::int64_t col = r.cols.start; col < r.cols.end(); ++col) {
          visit((i * r.height + r.h.start + y * r.h.step) * r.width + r.w.start + x * r.w.step,
                col);
        }
}

std::set<float> held(const Matrix& matrix, const TensorRegion& region) {
  std::set<float> values;
  visit_region(region, [&](auto row, auto col) { values.insert(matrix.at(row, col)); });
  return values;
}

/// Runs the group's GEMM; every gathered element must lie in the tile's region and be all of it.
Matrix run(const OpList& ops, const OpGroup& group, const Matrix& a, const Matrix& b,
           const GemmTiling& tiling) {
  const GemmWork& work = group.gemms.at(0);
  OperandData data(ops, 1);
  data.give(value_name(ops.tensors[work.a]), a.data);
  data.give(value_name(ops.tensors[work.b]), b.data);
  Matrix result(group.rows, group.cols);
  for_each_tile(work, tiling, [&](const GemmTile& tile, TilePosition) {
    const GemmExtents size = extents(work, tile);
    const OperandData::Tile operands = data.gather(work, tile);
    const std::vector<float> left = decoded_values(operands.a, *operands.a_decoder);
    const std::vector<float> right = decoded_values(operands.b, *operands.b_decoder);
    EXPECT_EQ(std::set<float>(left.begin(), left.end()), held(a, left_region(work, tile)));
    EXPECT_EQ(std::set<float>(right.begin(), right.end()), held(b, right_region(work, tile)));
    std::int64_t index = 0;
    visit_region(result_region(work, grid_size(group), tile), [&](auto row, auto col) {
      const std::int64_t m = index / size.n, n = index % size.n;
      for (std::int64_t k = 0; k < size.k; ++k) {
        result.at(row, col) += left[static_cast<std::size_t>(m * size.k + k)] *
                               right[static_cast<std::size_t>(k * size.n + n)];
      }
      ++index;
    });
    EXPECT_EQ(index, size.m * size.n);
  });
  return result;
}

using Term = std::function<void(std::int64_t x_row, std::int64_t y_row, std::int64_t col,
                                std::int64_t s_row, std::int64_t key)>;

/// Every triple of attention: element (x_row, col) of queries, (y_row, col) of keys, (s_row, key)
/// of scores.
void visit_attention(const Term& term) {
  for (std::int64_t image = 0; image < kImages; ++image)
    for (std::int64_t head = 0; head < kHeads; ++head)
      for (std::int64_t query = 0; query < kTokens; ++query)
        for (std::int64_t key = 0; key < kTokens; ++key)
          for (std::int64_t c = 0; c < kWidth; ++c) {
            term(image * kTokens + query, image * kTokens + key, head * kWidth + c,
                 (image * kHeads + head) * kTokens + query, key);
          }
}

Matrix scores_of(const Matrix& x, const Matrix& y) {
  Matrix s = scores(0);
  s.data.assign(s.data.size(), 0.0F);
  visit_attention(
      [&](auto xr, auto yr, auto c, auto sr, auto k) { s.at(sr, k) += x.at(xr, c) * y.at(yr, c); });
  return s;
}

Matrix weighted(const Matrix& s, const Matrix& y) {
  Matrix x(kImages * kTokens, kHeads * kWidth);
  visit_attention(
      [&](auto xr, auto yr, auto c, auto sr, auto k) { x.at(xr, c) += s.at(sr, k) * y.at(yr, c); });
  return x;
}

Matrix transposed(const Matrix& s, const Matrix& x) {
  Matrix y(kImages * kTokens, kHeads * kWidth);
  visit_attention(
      [&](auto xr, auto yr, auto c, auto sr, auto k) { y.at(yr, c) += s.at(sr, k) * x.at(xr, c); });
  return y;
}

/// The groups with a GEMM of a layer's pass, in order.
std::vector<const OpGroup*> gemm_groups(const OpList& ops, const std::string& layer, Pass pass) {
  std::vector<const OpGroup*> found;
  for (const OpGroup& group : ops.groups) {
    if (group.layer == layer && group.pass == pass && !group.gemms.empty()) {
      found.push_back(&group);
    }
  }
  return found;
}

class BatchedGemm : public testing::TestWithParam<GemmTiling> {
 protected:
  void expect(const OpGroup* group, const Matrix& a, const Matrix& b, const Matrix& expected) {
    ASSERT_EQ(group->rows, expected.rows);
    ASSERT_EQ(group->cols, expected.cols);
    EXPECT_EQ(run(ops_, *group, a, b, GetParam()).data, expected.data);
  }
  OpList ops_ = attention();
};

TEST_P(BatchedGemm, ForwardProductsAreScoresAndWeightedValues) {
  expect(gemm_groups(ops_, "s", Pass::kForward).at(0), tokens(1), tokens(500),
         scores_of(tokens(1), tokens(500)));
  expect(gemm_groups(ops_, "o", Pass::kForward).at(0), scores(1), tokens(500),
         weighted(scores(1), tokens(500)));
}

TEST_P(BatchedGemm, GradientsOfTheWeightedValuesAreTheNaiveSums) {
  const auto groups = gemm_groups(ops_, "o", Pass::kBackwardData);
  ASSERT_EQ(groups.size(), 2u);
  expect(groups[0], tokens(1), tokens(500), scores_of(tokens(1), tokens(500)));   // dO, V -> dS
  expect(groups[1], scores(1), tokens(500), transposed(scores(1), tokens(500)));  // S, dO -> dV
}

TEST_P(BatchedGemm, GradientsOfTheScoresAreTheNaiveSums) {
  const auto groups = gemm_groups(ops_, "s", Pass::kBackwardData);
  ASSERT_EQ(groups.size(), 2u);
  expect(groups[0], scores(1), tokens(500), weighted(scores(1), tokens(500)));    // dS, K -> dQ
  expect(groups[1], scores(1), tokens(500), transposed(scores(1), tokens(500)));  // dS, Q -> dK
}

INSTANTIATE_TEST_SUITE_P(
    Tilings, BatchedGemm,
    testing::Values(GemmTiling{1, 5, 1, 5, 5, LoopOrder::kRowsColumnsReduction},
                    GemmTiling{1, 2, 1, 3, 2, LoopOrder::kRowsColumnsReduction},
                    GemmTiling{1, 3, 1, 2, 4, LoopOrder::kColumnsRowsReduction}));

TEST(BatchedGemm, MultipliesEveryElementOnce) {
  const OpList ops = attention();
  const GemmTiling tiling{1, 2, 1, 3, 2, LoopOrder::kRowsColumnsReduction};
  for (const char* layer : {"s", "o"}) {
    for (const Pass pass : {Pass::kForward, Pass::kBackwardData}) {
      for (const OpGroup* group : gemm_groups(ops, layer, pass)) {
        const GemmWork& work = group->gemms[0];
        std::int64_t macs = 0, tiles = 0;
        for_each_tile(work, tiling, [&](const GemmTile& tile, TilePosition) {
          const GemmExtents size = extents(work, tile);
          macs += size.m * size.k * size.n;
          ++tiles;
        });
        EXPECT_EQ(work.macs(), kImages * kHeads * kTokens * kTokens * kWidth);
        EXPECT_EQ(macs, work.macs());
        EXPECT_EQ(tiles, trips(work, tiling).total() * kImages * kHeads);
      }
    }
  }
}

}  // namespace
}  // namespace mxsim
