#include "models/energy/iso_area.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "models/core/error.h"

namespace mxsim {
namespace {

constexpr double kWidestRatioChange = 1.25;

struct Grid {
  std::int64_t rows = 0;
  std::int64_t cols = 0;

  double ratio_change(double ratio) const {
    const double own = static_cast<double>(cols) / static_cast<double>(rows);
    return std::max(own / ratio, ratio / own);
  }
};

bool better(const Grid& a, const Grid& b, double ratio) {
  if (a.rows * a.cols != b.rows * b.cols) return a.rows * a.cols > b.rows * b.cols;
  return a.ratio_change(ratio) < b.ratio_change(ratio);
}

/// The most PEs up to `pes`; a single row or column may have any ratio.
Grid largest_grid(std::int64_t pes, double ratio) {
  Grid best;
  for (std::int64_t rows = 1; rows <= pes; ++rows) {
    const auto widest = static_cast<std::int64_t>(
        std::floor(static_cast<double>(rows) * ratio * kWidestRatioChange));
    const Grid grid{rows, std::min(pes / rows, std::max<std::int64_t>(widest, 1))};
    const bool allowed = grid.rows == 1 || grid.ratio_change(ratio) <= kWidestRatioChange;
    if (allowed && (best.rows == 0 || better(grid, best, ratio))) best = grid;
  }
  return best;
}

}  // namespace

PricedChip sized_to_area(PricedChip chip, const std::vector<WorkFormats>& in_use,
                         const TechnologyTable& table, double area_mm2) {
  const AreaBreakdown own = chip_area(chip, in_use, table);
  const double array_mm2 = own.component_mm2(AreaComponent::kArray);
  const double others_mm2 = own.total_mm2() - array_mm2;
  const double pe_mm2 = array_mm2 / static_cast<double>(chip.array.pes());
  // A chip that has this area already keeps its PEs: rounding must not cost one.
  constexpr double kRounding = 1e-9;
  const auto pes =
      static_cast<std::int64_t>(std::floor((area_mm2 - others_mm2) / pe_mm2 * (1 + kRounding)));
  const std::int64_t pes_of_one = pes / chip.array.grid.arrays();
  if (pes_of_one < 1) {
    throw InputError(fmt::format("{:.3g} mm^2 do not hold one PE: buffers and units take {:.3g}",
                                 area_mm2, others_mm2));
  }
  const Grid grid = largest_grid(
      pes_of_one, static_cast<double>(chip.array.cols) / static_cast<double>(chip.array.rows));
  chip.array.rows = grid.rows;
  chip.array.cols = grid.cols;
  return chip;
}

}  // namespace mxsim
