#include "models/values/fp32_gemm.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "models/core/error.h"
#include "models/core/units.h"
#include "models/values/gemm_kernel.h"
#include "models/values/packed_product.h"

namespace mxsim {
namespace {

constexpr std::int64_t kReductionAtOnce = 512;
constexpr std::int64_t kSums = kPackedRows * kPackedCols;

/// One of the GEMM's products.
class Product {
 public:
  Product(const Fp32Gemm& gemm, std::int64_t index)
      : gemm_(gemm),
        work_(gemm.work),
        places_(gemm.work, gemm.grid, index),
        packed_(work_, places_, gemm.a, gemm.b),
        m_(work_.gemm_m()),
        k_(work_.gemm_k()) {}

  std::int64_t packs() const { return ceil_div(k_, kReductionAtOnce); }
  std::int64_t row_panels() const { return ceil_div(m_, kPackedRows); }
  void pack(std::int64_t index) {
    const std::int64_t begin = index * kReductionAtOnce;
    packed_.pack_right(begin, std::min(k_, begin + kReductionAtOnce));
  }

  /// Results of rows panel * kPackedRows and on.
  void multiply(std::int64_t panel, GemmKernel kernel) const {
    if (k_ == 0) return clear(panel);
    std::vector<float> left(static_cast<std::size_t>(std::min(k_, kReductionAtOnce) * kPackedRows));
    std::vector<float> sums(static_cast<std::size_t>(packed_.col_panels() * kSums));
    for (std::int64_t begin = 0; begin < k_; begin += kReductionAtOnce) {
      const std::int64_t end = std::min(k_, begin + kReductionAtOnce);
      packed_.pack_left(panel * kPackedRows, kPackedRows, begin, end, left.data());
      for (std::int64_t j = 0; j < packed_.col_panels(); ++j) {
        add_panel(panel, j, begin, end, left.data(), sums.data() + j * kSums, kernel);
      }
    }
  }

 private:
  /// Elements begin .. end - 1 of the reduction enter the open sums of a panel; passes that end
  /// there are added to the results.
  void add_panel(std::int64_t panel, std::int64_t j, std::int64_t begin, std::int64_t end,
                 const float* left, float* sums, GemmKernel kernel) const {
    for (std::int64_t k = begin; k < end;) {
      const std::int64_t pass_end = std::min(k_, (k / gemm_.pass_length + 1) * gemm_.pass_length);
      const std::int64_t past = std::min(end, pass_end);
      kernel(left + (k - begin) * kPackedRows, packed_.right(j, k), past - k, sums);
      if (past == pass_end) {
        finish(panel, j, past <= gemm_.pass_length, sums);
        std::fill_n(sums, kSums, 0.0F);
      }
      k = past;
    }
  }

  void finish(std::int64_t panel, std::int64_t j, bool first_pass, const float* sums) const {
    const std::int64_t rows = std::min(kPackedRows, m_ - panel * kPackedRows);
    const std::int64_t cols = std::min(kPackedCols, work_.n - j * kPackedCols);
    for (std::int64_t r = 0; r < rows; ++r) {
      float* const to = result_row(panel * kPackedRows + r) + j * kPackedCols;
      add_pass(to, sums + r * kPackedCols, cols, first_pass);
    }
  }

  void clear(std::int64_t panel) const {
    const std::int64_t past = std::min((panel + 1) * kPackedRows, m_);
    for (std::int64_t m = panel * kPackedRows; m < past; ++m) {
      std::fill_n(result_row(m), work_.n, 0.0F);
    }
  }

  float* result_row(std::int64_t m) const {
    return gemm_.result.row(places_.result_row(m)) + places_.result_col();
  }

  const Fp32Gemm& gemm_;
  const GemmWork& work_;
  GemmPlaces places_;
  PackedProduct<float> packed_;
  std::int64_t m_;
  std::int64_t k_;
};

}  // namespace

void add_pass(float* results, const float* sums, std::int64_t count, bool first) {
  for (std::int64_t c = 0; c < count; ++c) {
    const float sum = first ? sums[c] : results[c] + sums[c];
    results[c] = std::isnan(sum) ? std::numeric_limits<float>::quiet_NaN() : sum;
  }
}

void multiply(const Fp32Gemm& gemm, Workers& workers) {
  constexpr std::int64_t kPanelsAtOnce = 4;
  ensure(gemm.work.packed == 1, "packed groups are multiplied one by one");
  const GemmKernel kernel = gemm_kernel();
  share_products(gemm.work.products(), workers, [&](std::int64_t index, Workers& inner) {
    Product product(gemm, index);
    inner.run(product.packs(), [&](std::int64_t pack) { product.pack(pack); });
    inner.run(ceil_div(product.row_panels(), kPanelsAtOnce), [&](std::int64_t task) {
      const std::int64_t past = std::min(product.row_panels(), (task + 1) * kPanelsAtOnce);
      for (std::int64_t panel = task * kPanelsAtOnce; panel < past; ++panel) {
        product.multiply(panel, kernel);
      }
    });
  });
}

}  // namespace mxsim
