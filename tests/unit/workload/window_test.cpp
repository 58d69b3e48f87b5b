#include "models/workload/window.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <set>

namespace mxsim {
namespace {

/// Every multiplication along one axis: which input position meets which output position through
/// which tap of the kernel.
using Products = std::multiset<std::array<std::int64_t, 3>>;

std::vector<WindowAxis> all_axes() {
  std::vector<WindowAxis> axes;
  for (std::int64_t in = 1; in <= 9; ++in) {
    for (std::int64_t taps = 1; taps <= 4; ++taps) {
      for (std::int64_t stride = 1; stride <= 4; ++stride) {
        for (std::int64_t dilation = 1; dilation <= 3; ++dilation) {
          for (std::int64_t pad = 0; pad <= 3; ++pad) {
            const std::int64_t reach = (taps - 1) * dilation + 1;
            if (reach > in + 2 * pad) continue;
            WindowAxis axis;
            axis.in = in;
            axis.out = (in + 2 * pad - reach) / stride + 1;
            axis.taps = axis.kernel = taps;
            axis.stride = stride;
            axis.dilation = dilation;
            axis.pad = pad;
            axes.push_back(axis);
          }
        }
      }
    }
  }
  return axes;
}

Products forward_products(const WindowAxis& axis) {
  Products products;
  for (std::int64_t p = 0; p < axis.out; ++p) {
    for (std::int64_t t = 0; t < axis.taps; ++t) {
      const std::int64_t i = p * axis.stride + t * axis.dilation - axis.pad;
      if (i >= 0 && i < axis.in) products.insert({i, t, p});
    }
  }
  return products;
}

Products phase_products(const std::vector<WindowAxis>& phases) {
  Products products;
  for (const WindowAxis& phase : phases) {
    for (std::int64_t q = 0; q < phase.out; ++q) {
      for (std::int64_t t = 0; t < phase.taps; ++t) {
        const std::int64_t p = q * phase.stride + t * phase.dilation - phase.pad;
        if (p < 0 || p >= phase.in) continue;
        products.insert(
            {q * phase.out_step + phase.out_start, phase.tap_start + t * phase.tap_step, p});
      }
    }
  }
  return products;
}

TEST(DataGradientPhases, DoExactlyTheProductsOfTheForwardWindow) {
  for (const WindowAxis& axis : all_axes()) {
    EXPECT_EQ(phase_products(data_gradient_phases(axis)), forward_products(axis))
        << "in " << axis.in << " taps " << axis.taps << " stride " << axis.stride << " dilation "
        << axis.dilation << " pad " << axis.pad;
  }
}

TEST(DataGradientPhases, CoverEveryInputPositionOnce) {
  for (const WindowAxis& axis : all_axes()) {
    std::vector<int> covered(static_cast<std::size_t>(axis.in), 0);
    for (const WindowAxis& phase : data_gradient_phases(axis)) {
      for (std::int64_t q = 0; q < phase.out; ++q) {
        ++covered.at(static_cast<std::size_t>(q * phase.out_step + phase.out_start));
      }
    }
    EXPECT_EQ(std::count(covered.begin(), covered.end(), 1), axis.in);
  }
}

TEST(DataGradientPhases, MultiplyNoInsertedZero) {
  // Where the stride divides the input and the kernel reaches as far as it pads, every tap is in
  // one phase: as many products as forward.
  for (const WindowAxis& axis : all_axes()) {
    if (axis.in != axis.out * axis.stride) continue;
    std::int64_t work = 0;
    for (const WindowAxis& phase : data_gradient_phases(axis)) work += phase.out * phase.taps;
    EXPECT_EQ(work, axis.out * axis.taps) << "in " << axis.in << " taps " << axis.taps;
  }
}

TEST(DataGradientPhases, AnOffByOneInTheirPaddingIsFound) {
  WindowAxis axis = all_axes().back();
  std::vector<WindowAxis> phases = data_gradient_phases(axis);
  const auto used = std::find_if(phases.begin(), phases.end(),
                                 [](const WindowAxis& phase) { return phase.taps > 0; });
  ASSERT_NE(used, phases.end());
  used->pad += 1;
  EXPECT_NE(phase_products(phases), forward_products(axis));
}

}  // namespace
}  // namespace mxsim
