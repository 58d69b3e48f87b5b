#include "models/values/fp32_gemm.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "models/core/error.h"
#include "models/core/units.h"
#include "models/values/gemm_kernel.h"
#include "models/values/gemm_places.h"

namespace mxsim {
namespace {

constexpr std::int64_t kReductionAtOnce = 512;
constexpr std::int64_t kSums = kKernelRows * kKernelCols;

/// One product: the right matrix packed as the kernel reads it, and the left one packed panel by
/// panel.
class Product {
 public:
  Product(const Fp32Gemm& gemm, std::int64_t index)
      : gemm_(gemm),
        work_(gemm.work),
        places_(gemm.work, gemm.grid, index),
        k_(work_.gemm_k()),
        panels_(ceil_div(work_.n, kKernelCols)),
        right_(static_cast<std::size_t>(panels_ * k_ * kKernelCols)) {}

  std::int64_t packs() const { return ceil_div(k_, kReductionAtOnce); }
  std::int64_t row_panels() const { return ceil_div(work_.gemm_m(), kKernelRows); }

  /// Packs piece `index` of the reduction of the right matrix.
  void pack_right(std::int64_t index) {
    const std::int64_t begin = index * kReductionAtOnce;
    const std::int64_t end = std::min(k_, begin + kReductionAtOnce);
    for (std::int64_t k = begin; k < end; ++k) {
      if (work_.kind == GemmKind::kWeightGradient) {
        pack_row(k, gemm_.b.row(places_.right_row(k)) + places_.right_col(), 1);
        continue;
      }
      const std::int64_t tap = k / work_.channels;
      const auto place = places_.right(tap / work_.w.taps, tap % work_.w.taps,
                                       k % work_.channels, 0);
      const bool turned = work_.b_orientation == Orientation::kTransposed;
      pack_row(k, gemm_.b.row(place.row) + place.col, turned ? gemm_.b.cols : 1);
    }
  }

  /// Results of rows panel * kKernelRows and on.
  void multiply(std::int64_t panel, GemmKernel kernel) const {
    std::vector<float> left(static_cast<std::size_t>(std::min(k_, kReductionAtOnce) * kKernelRows));
    std::vector<float> sums(static_cast<std::size_t>(panels_ * kSums));
    for (std::int64_t begin = 0; begin < k_; begin += kReductionAtOnce) {
      const std::int64_t end = std::min(k_, begin + kReductionAtOnce);
      if (work_.kind == GemmKind::kWeightGradient) {
        pack_left_by_positions(panel, begin, end, left.data());
      } else {
        pack_left_by_taps(panel, begin, end, left.data());
      }
      for (std::int64_t j = 0; j < panels_; ++j) {
        add_panel(panel, j, begin, end, left.data(), sums.data() + j * kSums, kernel);
      }
    }
    if (k_ == 0) clear(panel);
  }

 private:
  void pack_row(std::int64_t k, const float* source, std::int64_t step) {
    for (std::int64_t j = 0; j < panels_; ++j) {
      float* const to = right_.data() + (j * k_ + k) * kKernelCols;
      const std::int64_t count = std::min(kKernelCols, work_.n - j * kKernelCols);
      for (std::int64_t c = 0; c < count; ++c) to[c] = source[(j * kKernelCols + c) * step];
    }
  }

  /// Row r of the panel is a position; the reduction runs over (tap, channel).
  void pack_left_by_taps(std::int64_t panel, std::int64_t begin, std::int64_t end,
                         float* left) const {
    for (std::int64_t r = 0; r < kKernelRows; ++r) {
      const std::int64_t m = panel * kKernelRows + r;
      const bool inside = m < work_.gemm_m();
      const GemmPlaces::Position position = places_.position(m);
      for (std::int64_t k = begin; k < end;) {
        const std::int64_t tap = k / work_.channels;
        const std::int64_t channel = k % work_.channels;
        const std::int64_t count = std::min(end - k, work_.channels - channel);
        const std::int64_t row =
            inside ? places_.left_row(position, tap / work_.w.taps, tap % work_.w.taps) : -1;
        float* to = left + (k - begin) * kKernelRows + r;
        if (row < 0) {
          for (std::int64_t c = 0; c < count; ++c) to[c * kKernelRows] = 0;
        } else {
          const float* const from = gemm_.a.row(row) + places_.left_col() + channel;
          for (std::int64_t c = 0; c < count; ++c) to[c * kKernelRows] = from[c];
        }
        k += count;
      }
    }
  }

  /// Row r of the panel is a (tap, channel); the reduction runs over positions.
  void pack_left_by_positions(std::int64_t panel, std::int64_t begin, std::int64_t end,
                              float* left) const {
    for (std::int64_t r = 0; r < kKernelRows; ++r) {
      const std::int64_t m = panel * kKernelRows + r;
      const bool inside = m < work_.gemm_m();
      const std::int64_t tap = m / work_.channels;
      const std::int64_t t = tap / work_.w.taps;
      const std::int64_t u = tap % work_.w.taps;
      const float* const from = gemm_.a.data + places_.left_col() + m % work_.channels;
      GemmPlaces::Position p = places_.position(begin);
      float* to = left + r;
      for (std::int64_t k = begin; k < end; ++k, to += kKernelRows) {
        const std::int64_t row = inside ? places_.left_row(p, t, u) : -1;
        *to = row < 0 ? 0.0F : from[row * gemm_.a.cols];
        if (++p.x == work_.w.out) {
          p.x = 0;
          if (++p.y == work_.h.out) p.y = 0, ++p.image;
        }
      }
    }
  }

  /// Elements begin .. end - 1 of the reduction enter the open sums of a panel; passes that end
  /// there are added to the results.
  void add_panel(std::int64_t panel, std::int64_t j, std::int64_t begin, std::int64_t end,
                 const float* left, float* sums, GemmKernel kernel) const {
    const float* const right = right_.data() + j * k_ * kKernelCols;
    for (std::int64_t k = begin; k < end;) {
      const std::int64_t pass_end = std::min(k_, (k / gemm_.pass_length + 1) * gemm_.pass_length);
      const std::int64_t past = std::min(end, pass_end);
      kernel(left + (k - begin) * kKernelRows, right + k * kKernelCols, past - k, sums);
      if (past == pass_end) {
        finish(panel, j, past <= gemm_.pass_length, sums);
        std::fill_n(sums, kSums, 0.0F);
      }
      k = past;
    }
  }

  void finish(std::int64_t panel, std::int64_t j, bool first_pass, const float* sums) const {
    const std::int64_t rows = std::min(kKernelRows, work_.gemm_m() - panel * kKernelRows);
    const std::int64_t cols = std::min(kKernelCols, work_.n - j * kKernelCols);
    for (std::int64_t r = 0; r < rows; ++r) {
      float* const to = result_row(panel * kKernelRows + r) + j * kKernelCols;
      for (std::int64_t c = 0; c < cols; ++c) {
        const float sum = first_pass ? sums[r * kKernelCols + c] : to[c] + sums[r * kKernelCols + c];
        to[c] = std::isnan(sum) ? std::numeric_limits<float>::quiet_NaN() : sum;
      }
    }
  }

  void clear(std::int64_t panel) const {
    const std::int64_t past = std::min((panel + 1) * kKernelRows, work_.gemm_m());
    for (std::int64_t m = panel * kKernelRows; m < past; ++m) {
      std::fill_n(result_row(m), work_.n, 0.0F);
    }
  }

  float* result_row(std::int64_t m) const {
    return gemm_.result.row(places_.result_row(m)) + places_.result_col();
  }

  const Fp32Gemm& gemm_;
  const GemmWork& work_;
  GemmPlaces places_;
  std::int64_t k_;
  std::int64_t panels_;
  std::vector<float> right_;  ///< [column panel][k][column]
};

}  // namespace

void multiply(const Fp32Gemm& gemm, Workers& workers) {
  constexpr std::int64_t kPanelsAtOnce = 4;
  ensure(gemm.work.packed == 1, "packed groups are multiplied one by one");
  const GemmKernel kernel = gemm_kernel();
  const auto run = [&](std::int64_t product, Workers& inner) {
    Product work(gemm, product);
    inner.run(work.packs(), [&](std::int64_t pack) { work.pack_right(pack); });
    inner.run(ceil_div(work.row_panels(), kPanelsAtOnce), [&](std::int64_t task) {
      const std::int64_t past = std::min(work.row_panels(), (task + 1) * kPanelsAtOnce);
      for (std::int64_t panel = task * kPanelsAtOnce; panel < past; ++panel) {
        work.multiply(panel, kernel);
      }
    });
  };
  const std::int64_t products = gemm.work.products();
  if (products < 2 * workers.threads()) {
    for (std::int64_t product = 0; product < products; ++product) run(product, workers);
    return;
  }
  workers.run(products, [&](std::int64_t product) {
    Workers alone(1);
    run(product, alone);
  });
}

}  // namespace mxsim
