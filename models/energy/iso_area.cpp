#include "models/energy/iso_area.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "models/core/error.h"

namespace mxsim {
namespace {

constexpr double kWidestRatioChange = 1.25;

/// In units of the edge that rows and columns are multiples of.
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

/// Grids of `rows` rows whose ratio stays near `ratio`; a single row may be a single PE.
struct Widths {
  std::int64_t narrowest = 1;
  std::int64_t widest = 1;

  Widths(std::int64_t rows, double ratio) {
    const double own = static_cast<double>(rows) * ratio;
    const auto least = static_cast<std::int64_t>(std::ceil(own / kWidestRatioChange));
    narrowest = rows == 1 ? 1 : std::max<std::int64_t>(least, 1);
    widest = std::max<std::int64_t>(static_cast<std::int64_t>(std::floor(own * kWidestRatioChange)),
                                    narrowest);
  }
};

/// The last of `first` and the numbers after it, up to `last`, for which `holds`, which holds for
/// `first` and turns once.
template <class Holds>
std::int64_t last_that(std::int64_t first, std::int64_t last, Holds holds) {
  while (first < last) {
    const std::int64_t middle = last - (last - first) / 2;
    if (holds(middle)) {
      first = middle;
    } else {
      last = middle - 1;
    }
  }
  return first;
}

}  // namespace

PricedChip sized_to_area(PricedChip chip, const std::vector<WorkFormats>& in_use,
                         const TechnologyTable& table, double area_mm2, std::int64_t edge) {
  // A chip that has this area already keeps its array: rounding must not cost a PE, and fewer
  // columns with narrower SRAM words not buy one.
  constexpr double kRounding = 1e-9;
  const bool is_multiple = chip.array.rows % edge == 0 && chip.array.cols % edge == 0;
  if (is_multiple &&
      std::abs(chip_area(chip, in_use, table).total_mm2() - area_mm2) <= area_mm2 * kRounding) {
    return chip;
  }
  const double ratio = static_cast<double>(chip.array.cols) / static_cast<double>(chip.array.rows);
  const auto area_with = [&](const Grid& grid) {
    chip.array.rows = grid.rows * edge;
    chip.array.cols = grid.cols * edge;
    return chip_area(chip, in_use, table);
  };
  const auto fits = [&](const Grid& grid) {
    return area_with(grid).total_mm2() <= area_mm2 * (1 + kRounding);
  };
  if (!fits({1, 1})) {
    const AreaBreakdown least = area_with({1, 1});
    const double others_mm2 = least.total_mm2() - least.component_mm2(AreaComponent::kArray);
    throw InputError(fmt::format("{:.3g} mm^2 do not hold {}: buffers and units take {:.3g}",
                                 area_mm2, edge == 1 ? "one PE" : fmt::format("{0}x{0} PEs", edge),
                                 others_mm2));
  }
  Grid best{1, 1};
  for (std::int64_t rows = 1; fits({rows, Widths(rows, ratio).narrowest}); ++rows) {
    const Widths widths(rows, ratio);
    const auto narrow_enough = [&](std::int64_t cols) { return fits({rows, cols}); };
    const Grid grid{rows, last_that(widths.narrowest, widths.widest, narrow_enough)};
    if (better(grid, best, ratio)) best = grid;
  }
  chip.array.rows = best.rows * edge;
  chip.array.cols = best.cols * edge;
  return chip;
}

}  // namespace mxsim
