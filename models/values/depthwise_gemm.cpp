#include "models/values/depthwise_gemm.h"

#include <algorithm>
#include <vector>

#include "models/core/units.h"
#include "models/values/gemm_kernel.h"
#include "models/values/gemm_places.h"

namespace mxsim {
namespace {

/// The sums of one result row, group by group, until a pass of the array ends.
class RowSums {
 public:
  RowSums(const Fp32Gemm& gemm, std::int64_t begin, std::int64_t end)
      : gemm_(gemm),
        begin_(begin),
        sums_(static_cast<std::size_t>(end - begin)),
        zeros_(sums_.size(), 0.0F),
        multiply_(multiply_rows_kernel()) {}

  /// Element k of the reduction: row `a` of the left matrix (-1: padding), row `b` of the right
  /// one.
  void add(std::int64_t k, std::int64_t a, std::int64_t b, float* result) {
    const float* const left = a < 0 ? zeros_.data() : gemm_.a.row(a) + begin_;
    multiply_(left, gemm_.b.row(b) + begin_, static_cast<std::int64_t>(sums_.size()), sums_.data());
    const bool ends = (k + 1) % gemm_.pass_length == 0 || k + 1 == gemm_.work.gemm_k();
    if (!ends) return;
    add_pass(result + begin_, sums_.data(), static_cast<std::int64_t>(sums_.size()),
             k < gemm_.pass_length);
    std::fill(sums_.begin(), sums_.end(), 0.0F);
  }

 private:
  const Fp32Gemm& gemm_;
  std::int64_t begin_;
  std::vector<float> sums_;
  std::vector<float> zeros_;
  MultiplyRowsKernel multiply_;
};

/// Rows of the weight tensor; a data gradient reads them as they are: one channel, one column.
void run_window(const Fp32Gemm& gemm, std::int64_t first, std::int64_t past) {
  const GemmWork& work = gemm.work;
  const GemmPlaces places(work, gemm.grid, 0);
  RowSums sums(gemm, 0, work.groups);
  for (std::int64_t m = first; m < past; ++m) {
    const GemmPlaces::Position position = places.position(m);
    float* const result = gemm.result.row(places.result_row(m));
    if (work.taps() == 0) std::fill_n(result, work.groups, 0.0F);
    for (std::int64_t tap = 0; tap < work.taps(); ++tap) {
      const std::int64_t t = tap / work.w.taps;
      const std::int64_t u = tap % work.w.taps;
      sums.add(tap, places.left_row(position, t, u), places.right(t, u, 0, 0).row, result);
    }
  }
}

void run_weight_gradient(const Fp32Gemm& gemm, std::int64_t tap, std::int64_t begin,
                         std::int64_t end) {
  const GemmWork& work = gemm.work;
  const GemmPlaces places(work, gemm.grid, 0);
  RowSums sums(gemm, begin, end);
  float* const result = gemm.result.row(places.result_row(tap));
  for (std::int64_t k = 0; k < work.gemm_k(); ++k) {
    const std::int64_t row =
        places.left_row(places.position(k), tap / work.w.taps, tap % work.w.taps);
    sums.add(k, row, places.right_row(k), result);
  }
}

}  // namespace

bool is_depthwise(const GemmWork& work) {
  const auto side_by_side = [](GroupAxis axis) { return axis == GroupAxis::kColumns; };
  return work.groups > 1 && work.channels == 1 && work.n == 1 && work.packed == 1 &&
         work.batch == 1 && work.product_count == 0 && side_by_side(work.a_groups) &&
         side_by_side(work.b_groups) && side_by_side(work.result_groups);
}

void multiply_depthwise(const Fp32Gemm& gemm, Workers& workers) {
  constexpr std::int64_t kRowsAtOnce = 256;
  constexpr std::int64_t kGroupsAtOnce = 64;
  const GemmWork& work = gemm.work;
  if (work.kind == GemmKind::kWindow) {
    const std::int64_t rows = work.gemm_m();
    workers.run(ceil_div(rows, kRowsAtOnce), [&](std::int64_t task) {
      run_window(gemm, task * kRowsAtOnce, std::min(rows, (task + 1) * kRowsAtOnce));
    });
    return;
  }
  const std::int64_t pieces = ceil_div(work.groups, kGroupsAtOnce);
  workers.run(work.taps() * pieces, [&](std::int64_t task) {
    const std::int64_t begin = task % pieces * kGroupsAtOnce;
    run_weight_gradient(gemm, task / pieces, begin, std::min(work.groups, begin + kGroupsAtOnce));
  });
}

}  // namespace mxsim
