// Products of attention whose query heads share heads of keys and values, and products of some of
// the matrices of a longer tensor (experts), tile by tile against loops.
#include <gtest/gtest.h>

#include <functional>
#include <map>
#include <set>

#include "models/formats/format_table.h"
#include "models/mapping/tiles/gemm_tiling.h"
#include "models/mapping/tiles/operand_data.h"
#include "models/workload/kinds/attention_products.h"

namespace mxsim {
namespace {

struct Matrix {
  std::int64_t rows, cols;
  std::vector<float> data;
  Matrix(std::int64_t r, std::int64_t c) : rows(r), cols(c), data(r * c, 0.0F) {}
  float& at(std::int64_t r, std::int64_t c) { return data.at(r * cols + c); }
};

/// Different in every place, and small enough for exact sums.
Matrix filled(std::int64_t rows, std::int64_t cols) {
  Matrix m(rows, cols);
  for (std::size_t i = 0; i < m.data.size(); ++i) m.data[i] = 1.0F + static_cast<float>(i);
  return m;
}

void visit_region(const TensorRegion& r,
                  const std::function<void(std::int64_t row, std::int64_t col)>& visit) {
  for (std::int64_t box = 0; box < r.boxes.count; ++box)
    for (std::int64_t i = r.images.start; i < r.images.end(); ++i)
      for (std::int64_t y = 0; y < r.h.count; ++y)
        for (std::int64_t x = 0; x < r.w.count; ++x)
          for (std::int64_t col = r.cols.start; col < r.cols.end(); ++col) {
            visit(r.first_row + (i * r.height + r.h.start + y * r.h.step) * r.width + r.w.start +
                      x * r.w.step,
                  col + box * r.boxes.pitch);
          }
}

/// The bytes that memory_runs() names for an FP32 tensor at address 0, as elements.
std::multiset<std::int64_t> elements_of(const std::vector<DramRun>& runs) {
  std::multiset<std::int64_t> elements;
  for (const DramRun& run : runs)
    for (std::int64_t row = 0; row < run.rows; ++row)
      for (std::int64_t byte = 0; byte < run.row_bytes; byte += 4) {
        elements.insert((run.base + row * run.stride + byte) / 4);
      }
  return elements;
}

/// A GEMM of two FP32 tensors, executed as the array gets it.
class Product {
 public:
  Product(GemmWork work, const Matrix& a, const Matrix& b, Matrix result)
      : work_(std::move(work)), a_(a), b_(b), result_(std::move(result)) {
    const auto stored = [](const char* name, const Matrix& m) {
      return StoredTensor{name, TensorRole::kActivation, m.rows, m.cols, DataLayout{}};
    };
    ops_.tensors = {stored("a@fp32", a), stored("b@fp32", b)};
    work_.a = 0;
    work_.b = 1;
    work_.format_a = work_.format_b = parse_format("fp32");
    group_.gemms = {work_};
    group_.rows = result_.rows;
    group_.cols = result_.cols;
  }

  Matrix run(const GemmTiling& tiling) {
    OperandData data(ops_, 1);
    data.give("a", a_.data);
    data.give("b", b_.data);
    for_each_tile(work_, tiling, [&](const GemmTile& tile, TilePosition) { add(data, tile); });
    return result_;
  }

 private:
  void expect_region(const std::vector<float>& values, Matrix& matrix, const TensorRegion& region,
                     const StoredTensor& tensor) const {
    std::set<float> held;
    std::multiset<std::int64_t> places;
    visit_region(region, [&](auto row, auto col) {
      held.insert(matrix.at(row, col));
      places.insert(row * matrix.cols + col);
    });
    EXPECT_EQ(std::set<float>(values.begin(), values.end()), held);
    EXPECT_EQ(elements_of(memory_runs(tensor, 0, region)), places);
  }

  void add(OperandData& data, const GemmTile& tile) {
    const GemmExtents size = extents(work_, tile);
    const OperandData::Tile operands = data.gather(work_, tile);
    const std::vector<float> left = decoded_values(operands.a, *operands.a_decoder);
    const std::vector<float> right = decoded_values(operands.b, *operands.b_decoder);
    expect_region(left, a_, left_region(work_, tile), ops_.tensors[0]);
    expect_region(right, b_, right_region(work_, tile), ops_.tensors[1]);
    std::int64_t index = 0;
    visit_region(result_region(work_, grid_size(group_), tile), [&](auto row, auto col) {
      const std::int64_t m = index / size.n, n = index % size.n;
      for (std::int64_t k = 0; k < size.k; ++k) {
        result_.at(row, col) += left[static_cast<std::size_t>(m * size.k + k)] *
                                right[static_cast<std::size_t>(k * size.n + n)];
      }
      ++index;
    });
    EXPECT_EQ(index, size.m * size.n);
  }

  GemmWork work_;
  Matrix a_;
  Matrix b_;
  Matrix result_;
  OpList ops_;
  OpGroup group_;
};

constexpr std::int64_t kBatch = 2, kKv = 2, kShared = 3, kQueries = 4, kKeys = 5, kWidth = 3;
constexpr AttentionProduct kProduct{kBatch, kKv, kShared, kQueries, kKeys, kWidth};

Matrix queries() { return filled(kBatch * kQueries, kKv * kShared * kWidth); }
Matrix keys() { return filled(kBatch * kKeys, kKv * kWidth); }
Matrix scores() { return filled(kBatch * kKv * kShared * kQueries, kKeys); }

/// Rows and columns of query, key and score for every product of one query head with its key head.
using Term = std::function<void(std::int64_t q_row, std::int64_t q_col, std::int64_t k_row,
                                std::int64_t k_col, std::int64_t s_row, std::int64_t s_col)>;

void visit_attention(const Term& term) {
  for (std::int64_t n = 0; n < kBatch; ++n)
    for (std::int64_t head = 0; head < kKv * kShared; ++head)
      for (std::int64_t q = 0; q < kQueries; ++q)
        for (std::int64_t k = 0; k < kKeys; ++k)
          for (std::int64_t c = 0; c < kWidth; ++c) {
            term(n * kQueries + q, head * kWidth + c, n * kKeys + k, head / kShared * kWidth + c,
                 (n * kKv * kShared + head) * kQueries + q, k);
          }
}

/// Tilings that cut every axis, images in the middle of the shared heads too.
std::vector<GemmTiling> tilings(const GemmWork& work) {
  std::vector<GemmTiling> all;
  for (const std::int64_t images : {std::int64_t{1}, std::int64_t{2}, work.images})
    for (const std::int64_t h : {std::int64_t{2}, work.h.out})
      for (const std::int64_t channels : {std::int64_t{2}, work.channels})
        for (const std::int64_t n : {std::int64_t{2}, work.n}) {
          all.push_back({std::min(images, work.images), h, 1, channels, n, {}});
        }
  return all;
}

TEST(GroupedProducts, ScoresTakeEachQueryHeadWithTheKeysOfItsGroup) {
  Matrix q = queries(), k = keys();
  Matrix expected(scores().rows, kKeys);
  visit_attention([&](auto qr, auto qc, auto kr, auto kc, auto sr, auto sc) {
    expected.at(sr, sc) += q.at(qr, qc) * k.at(kr, kc);
  });
  const GemmWork work = scores_gemm(kProduct);
  EXPECT_EQ(work.macs(), kBatch * kKv * kShared * kQueries * kKeys * kWidth);
  for (const GemmTiling& tiling : tilings(work)) {
    EXPECT_EQ(Product(work, q, k, Matrix(expected.rows, kKeys)).run(tiling).data, expected.data);
  }
}

TEST(GroupedProducts, WeightedSumsLieSideBySideByQueryHead) {
  Matrix s = scores(), v = keys();
  Matrix expected(queries().rows, queries().cols);
  visit_attention([&](auto qr, auto qc, auto kr, auto kc, auto sr, auto sc) {
    expected.at(qr, qc) += s.at(sr, sc) * v.at(kr, kc);
  });
  const GemmWork work = weighted_sum_gemm(kProduct);
  for (const GemmTiling& tiling : tilings(work)) {
    EXPECT_EQ(Product(work, s, v, Matrix(expected.rows, expected.cols)).run(tiling).data,
              expected.data);
  }
}

TEST(GroupedProducts, GradientsOfKeysAddUpTheQueryHeadsThatShareThem) {
  Matrix s = scores(), q = queries();
  Matrix expected(keys().rows, keys().cols);
  visit_attention([&](auto qr, auto qc, auto kr, auto kc, auto sr, auto sc) {
    expected.at(kr, kc) += s.at(sr, sc) * q.at(qr, qc);
  });
  const GemmWork work = transposed_sum_gemm(kProduct);
  for (const GemmTiling& tiling : tilings(work)) {
    EXPECT_EQ(Product(work, s, q, Matrix(expected.rows, expected.cols)).run(tiling).data,
              expected.data);
  }
}

/// Experts 1 and 2 of four, three rows each from row 2 on.
GemmWork expert_work(std::int64_t channels, std::int64_t n) {
  GemmWork work;
  work.batch = 2;
  work.h.in = work.h.out = 3;
  work.channels = channels;
  work.n = n;
  work.first_row = 2;
  work.first_matrix = 1;
  return work;
}

constexpr std::int64_t kRows = 9, kIn = 4, kOut = 5;

void visit_experts(const std::function<void(std::int64_t row, std::int64_t expert)>& visit) {
  for (std::int64_t row = 2; row < 8; ++row) visit(row, 1 + (row - 2) / 3);
}

TEST(GroupedProducts, ExpertsMultiplyTheirOwnRowsByTheirOwnWeights) {
  Matrix x = filled(kRows, kIn), w = filled(4 * kIn, kOut);
  Matrix expected(kRows, kOut);
  visit_experts([&](auto row, auto expert) {
    for (std::int64_t c = 0; c < kIn; ++c)
      for (std::int64_t n = 0; n < kOut; ++n) {
        expected.at(row, n) += x.at(row, c) * w.at(expert * kIn + c, n);
      }
  });
  const GemmWork work = expert_work(kIn, kOut);
  EXPECT_EQ(work.macs(), 6 * kIn * kOut);
  for (const GemmTiling& tiling : tilings(work)) {
    EXPECT_EQ(Product(work, x, w, Matrix(kRows, kOut)).run(tiling).data, expected.data);
  }
}

TEST(GroupedProducts, GradientsOfExpertsComeFromTheirOwnRows) {
  Matrix x = filled(kRows, kIn), dy = filled(kRows, kOut);
  Matrix expected(4 * kIn, kOut);
  visit_experts([&](auto row, auto expert) {
    for (std::int64_t c = 0; c < kIn; ++c)
      for (std::int64_t n = 0; n < kOut; ++n) {
        expected.at(expert * kIn + c, n) += x.at(row, c) * dy.at(row, n);
      }
  });
  GemmWork work = expert_work(kIn, kOut);
  work.kind = GemmKind::kWeightGradient;
  for (const GemmTiling& tiling : tilings(work)) {
    EXPECT_EQ(Product(work, x, dy, Matrix(4 * kIn, kOut)).run(tiling).data, expected.data);
  }
}

}  // namespace
}  // namespace mxsim
