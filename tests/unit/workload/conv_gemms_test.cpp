// The GEMMs of a lowered convolution, executed on integers by the definitions of op_list.h, against
// loops over the textbook sums in N, C, H, W.
#include <gtest/gtest.h>

#include <algorithm>
#include <functional>

#include "models/formats/format_table.h"
#include "models/workload/lower.h"
#include "models/workload/shaped_graph.h"
#include "tests/support/small_graphs.h"

namespace mxsim {
namespace {

struct ConvCase {
  std::int64_t images, channels, height, width, out_channels, kernel_h, kernel_w, stride_h,
      stride_w, pad_h, pad_w, dilation, groups;
};

const std::vector<ConvCase> kCases{
    {2, 4, 7, 5, 6, 3, 3, 1, 1, 1, 1, 1, 1},   {1, 3, 9, 8, 4, 3, 2, 2, 3, 1, 0, 1, 1},
    {2, 4, 11, 7, 6, 3, 3, 3, 3, 1, 1, 1, 2},  {1, 2, 8, 8, 5, 1, 1, 2, 2, 0, 0, 1, 1},
    {1, 6, 9, 10, 6, 3, 3, 2, 2, 2, 2, 2, 6},  {1, 3, 13, 6, 2, 5, 4, 4, 1, 2, 3, 1, 1},
    {1, 2, 10, 10, 2, 2, 2, 3, 4, 0, 0, 3, 1},
};

/// Row-major matrix.
struct Matrix {
  std::int64_t rows, cols;
  std::vector<std::int64_t> data;
  Matrix(std::int64_t r, std::int64_t c) : rows(r), cols(c), data(r * c, 0) {}
  std::int64_t& at(std::int64_t r, std::int64_t c) { return data.at(r * cols + c); }
  std::int64_t at(std::int64_t r, std::int64_t c) const { return data.at(r * cols + c); }
};

Matrix filled(std::int64_t rows, std::int64_t cols, std::int64_t seed) {
  Matrix m(rows, cols);
  for (std::size_t i = 0; i < m.data.size(); ++i) {
    m.data[i] = static_cast<std::int64_t>(i * 7919 + seed * 104729) % 23 - 11;
  }
  return m;
}

using Visitor = std::function<void(std::int64_t n, std::int64_t ph, std::int64_t pw,
                                   std::int64_t th, std::int64_t tw, std::int64_t input_row)>;

/// Calls back for every window position and tap that lies inside the left operand.
void visit_windows(const GemmWork& g, const Visitor& visit) {
  for (std::int64_t n = 0; n < g.images; ++n) {
    for (std::int64_t ph = 0; ph < g.h.out; ++ph) {
      for (std::int64_t pw = 0; pw < g.w.out; ++pw) {
        for (std::int64_t th = 0; th < g.h.taps; ++th) {
          for (std::int64_t tw = 0; tw < g.w.taps; ++tw) {
            const std::int64_t ih = ph * g.h.stride + th * g.h.dilation - g.h.pad;
            const std::int64_t iw = pw * g.w.stride + tw * g.w.dilation - g.w.pad;
            if (ih < 0 || ih >= g.h.in || iw < 0 || iw >= g.w.in) continue;
            visit(n, ph, pw, th, tw, (n * g.h.in + ih) * g.w.in + iw);
          }
        }
      }
    }
  }
}

void run_window(const GemmWork& g, std::int64_t grid_h, std::int64_t grid_w, const Matrix& a,
                const Matrix& b, Matrix& out) {
  visit_windows(g, [&](auto n, auto ph, auto pw, auto th, auto tw, auto row) {
    const std::int64_t h = ph * g.h.out_step + g.h.out_start;
    const std::int64_t w = pw * g.w.out_step + g.w.out_start;
    const std::int64_t tap =
        (g.h.tap_start + th * g.h.tap_step) * g.w.kernel + g.w.tap_start + tw * g.w.tap_step;
    for (std::int64_t group = 0; group < g.groups; ++group) {
      for (std::int64_t c = 0; c < g.channels; ++c) {
        for (std::int64_t k = 0; k < g.n; ++k) {
          const std::int64_t weight = g.b_orientation == Orientation::kAsStored
                                          ? b.at(tap * g.channels + c, group * g.n + k)
                                          : b.at(tap * g.n + k, group * g.channels + c);
          out.at((n * grid_h + h) * grid_w + w, group * g.n + k) +=
              a.at(row, group * g.channels + c) * weight;
        }
      }
    }
  });
}

void run_weight_gradient(const GemmWork& g, const Matrix& a, const Matrix& b, Matrix& out) {
  visit_windows(g, [&](auto n, auto ph, auto pw, auto th, auto tw, auto row) {
    const std::int64_t position = (n * g.h.out + ph) * g.w.out + pw;
    for (std::int64_t group = 0; group < g.groups; ++group) {
      for (std::int64_t c = 0; c < g.channels; ++c) {
        for (std::int64_t k = 0; k < g.n; ++k) {
          out.at((th * g.w.taps + tw) * g.channels + c, group * g.n + k) +=
              a.at(row, group * g.channels + c) * b.at(position, group * g.n + k);
        }
      }
    }
  });
}

/// Sum over the textbook indices: y[n, o, p] += x[n, c, i] * w[tap, c, o].
void textbook(const ConvCase& s, std::int64_t out_h, std::int64_t out_w,
              const std::function<void(std::int64_t x_row, std::int64_t x_col, std::int64_t w_row,
                                       std::int64_t y_row, std::int64_t o)>& term) {
  const std::int64_t group_in = s.channels / s.groups;
  const std::int64_t group_out = s.out_channels / s.groups;
  for (std::int64_t n = 0; n < s.images; ++n)
    for (std::int64_t o = 0; o < s.out_channels; ++o)
      for (std::int64_t c = 0; c < group_in; ++c)
        for (std::int64_t p = 0; p < out_h * out_w; ++p)
          for (std::int64_t t = 0; t < s.kernel_h * s.kernel_w; ++t) {
            const std::int64_t ih = p / out_w * s.stride_h + t / s.kernel_w * s.dilation - s.pad_h;
            const std::int64_t iw = p % out_w * s.stride_w + t % s.kernel_w * s.dilation - s.pad_w;
            if (ih < 0 || ih >= s.height || iw < 0 || iw >= s.width) continue;
            term((n * s.height + ih) * s.width + iw, o / group_out * group_in + c, t * group_in + c,
                 n * out_h * out_w + p, o);
          }
}

/// The convolution between a first layer (so that it has a data gradient) and a classifier.
OpList lowered(const ConvCase& s) {
  LoweringPolicy policy;
  policy.batch = s.images;
  policy.wide = policy.formats.format = parse_format("bf16");
  return lower(GraphBuilder({2, s.height, s.width})
                   .layer("first", "conv2d", {"image"},
                          {{"out_channels", {s.channels}}, {"kernel", {1}}, {"bias", {0}}})
                   .layer("conv", "conv2d", {"first"},
                          {{"out_channels", {s.out_channels}},
                           {"kernel", {s.kernel_h, s.kernel_w}},
                           {"stride", {s.stride_h, s.stride_w}},
                           {"padding", {s.pad_h, s.pad_w}},
                           {"dilation", {s.dilation}},
                           {"groups", {s.groups}},
                           {"bias", {0}}})
                   .layer("flatten", "flatten", {"conv"})
                   .layer("loss", "cross_entropy", {"flatten"})
                   .build(),
               policy);
}

const OpGroup& gemm_group(const OpList& list, Pass pass) {
  const auto found = std::find_if(list.groups.begin(), list.groups.end(), [&](const OpGroup& g) {
    return g.layer == "conv" && g.pass == pass && !g.gemms.empty();
  });
  EXPECT_NE(found, list.groups.end());
  return *found;
}

class ConvGemms : public testing::TestWithParam<ConvCase> {
 protected:
  void SetUp() override {
    list_ = lowered(GetParam());
    const GemmWork& forward = gemm_group(list_, Pass::kForward).gemms[0];
    out_h_ = forward.h.out;
    out_w_ = forward.w.out;
  }

  Matrix x() const {
    const ConvCase& s = GetParam();
    return filled(s.images * s.height * s.width, s.channels, 1);
  }
  Matrix w() const {
    const ConvCase& s = GetParam();
    return filled(s.kernel_h * s.kernel_w * s.channels / s.groups, s.out_channels, 2);
  }
  Matrix dy() const {
    return filled(GetParam().images * out_h_ * out_w_, GetParam().out_channels, 3);
  }

  OpList list_;
  std::int64_t out_h_ = 0;
  std::int64_t out_w_ = 0;
};

TEST_P(ConvGemms, ForwardIsTheConvolution) {
  Matrix expected(dy().rows, dy().cols);
  Matrix got = expected;
  const Matrix a = x(), b = w();
  textbook(GetParam(), out_h_, out_w_, [&](auto xr, auto xc, auto wr, auto yr, auto o) {
    expected.at(yr, o) += a.at(xr, xc) * b.at(wr, o);
  });
  run_window(gemm_group(list_, Pass::kForward).gemms[0], out_h_, out_w_, a, b, got);
  EXPECT_EQ(got.data, expected.data);
}

TEST_P(ConvGemms, PhasesOfTheDataGradientAreTheNaiveScatter) {
  Matrix expected(x().rows, x().cols);
  Matrix got = expected;
  const Matrix a = dy(), b = w();
  textbook(GetParam(), out_h_, out_w_, [&](auto xr, auto xc, auto wr, auto yr, auto o) {
    expected.at(xr, xc) += a.at(yr, o) * b.at(wr, o);
  });
  const OpGroup& group = gemm_group(list_, Pass::kBackwardData);
  for (const GemmWork& phase : group.gemms) {
    run_window(phase, GetParam().height, GetParam().width, a, b, got);
  }
  EXPECT_EQ(got.data, expected.data);
}

TEST_P(ConvGemms, WeightGradientIsTheNaiveSum) {
  Matrix expected(w().rows, w().cols);
  Matrix got = expected;
  const Matrix a = x(), b = dy();
  textbook(GetParam(), out_h_, out_w_, [&](auto xr, auto xc, auto wr, auto yr, auto o) {
    expected.at(wr, o) += a.at(xr, xc) * b.at(yr, o);
  });
  run_weight_gradient(gemm_group(list_, Pass::kBackwardWeight).gemms[0], a, b, got);
  EXPECT_EQ(got.data, expected.data);
}

INSTANTIATE_TEST_SUITE_P(Shapes, ConvGemms, testing::ValuesIn(kCases));

}  // namespace
}  // namespace mxsim
