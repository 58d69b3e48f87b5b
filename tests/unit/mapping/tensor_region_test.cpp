#include "models/mapping/tiles/tensor_region.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "models/core/rng.h"
#include "models/formats/format_table.h"

namespace mxsim {
namespace {

/// Bytes that the runs name; none may be named twice.
std::set<std::int64_t> bytes_of(const std::vector<DramRun>& runs) {
  std::set<std::int64_t> bytes;
  for (const DramRun& run : runs) {
    for (std::int64_t i = 0; i < run.rows; ++i) {
      for (std::int64_t byte = 0; byte < run.row_bytes; ++byte) {
        EXPECT_TRUE(bytes.insert(run.base + i * run.stride + byte).second);
      }
    }
  }
  return bytes;
}

std::set<std::int64_t> expected_bytes(const StoredTensor& tensor, const TensorRegion& r) {
  const BlockShape block = tensor.layout.block;
  const std::int64_t bytes_each = tensor.layout.format.element_bits / 8;
  const std::int64_t scales = tensor.rows * tensor.cols * bytes_each;
  const std::int64_t block_cols = ceil_div(tensor.cols, block.cols);
  std::set<std::int64_t> bytes;
  for (std::int64_t i = r.images.start; i < r.images.end(); ++i) {
    const std::int64_t first = (i * r.height + r.h.start) * r.width + r.w.start;
    const std::int64_t last = first + (r.h.span() - 1) * r.width + r.w.span() - 1;
    for (std::int64_t row = first; row <= last; ++row) {
      const std::int64_t y = row / r.width % r.height - r.h.start;
      const std::int64_t x = row % r.width - r.w.start;
      const bool wanted = y % r.h.step == 0 && x >= 0 && x % r.w.step == 0 && x < r.w.span();
      for (std::int64_t col = r.cols.start; col < r.cols.end(); ++col) {
        const std::int64_t element = (row * tensor.cols + col) * bytes_each;
        for (std::int64_t b = 0; wanted && b < bytes_each; ++b) bytes.insert(element + b);
        if (tensor.layout.format.scale_bits > 0) {
          bytes.insert(scales + row / block.rows * block_cols + col / block.cols);
        }
      }
    }
  }
  return bytes;
}

TEST(TensorRegion, NamesExactlyTheBytesOfItsElementsAndOfTheScalesItTouches) {
  const CounterRng rng(2, "regions");
  const std::vector<DataLayout> layouts{{parse_format("bf16"), {1, 1}},
                                        {parse_format("mxsf"), {8, 8}},
                                        {parse_format("mxfp8_e4m3"), {1, 32}}};
  for (std::uint64_t i = 0; i < 300; ++i) {
    std::uint64_t k = i * 32;
    const auto draw = [&](std::int64_t limit) {
      return static_cast<std::int64_t>(rng.bits(k++) % static_cast<std::uint64_t>(limit));
    };
    const std::int64_t images = 1 + draw(3), height = 1 + draw(9), width = 1 + draw(9);
    const std::int64_t cols = 1 + draw(40);
    const auto range = [&](std::int64_t limit) {
      const std::int64_t start = draw(limit);
      return Range{start, 1 + draw(limit - start)};
    };
    const auto steps = [&](std::int64_t limit) {
      const std::int64_t start = draw(limit), step = 1 + draw(2);
      return StepRange{start, 1 + draw((limit - start - 1) / step + 1), step};
    };
    const StoredTensor tensor{"t", TensorRole::kActivation, images * height * width, cols,
                              layouts[i % layouts.size()]};
    const TensorRegion region{height,        width,        range(images),
                              steps(height), steps(width), range(cols)};
    EXPECT_EQ(bytes_of(memory_runs(tensor, 0, region)), expected_bytes(tensor, region))
        << "case " << i;
  }
}

TEST(InputFootprint, HoldsEveryPositionThatAWindowReads) {
  for (std::int64_t stride = 1; stride <= 3; ++stride) {
    for (std::int64_t taps = 1; taps <= 3; ++taps) {
      for (std::int64_t pad = -1; pad <= 2; ++pad) {
        WindowAxis axis;
        axis.in = 11;
        axis.out = 5;
        axis.taps = taps;
        axis.stride = stride;
        axis.pad = pad;
        const StepRange rows = input_footprint(axis, {1, 3});
        std::set<std::int64_t> held, read;
        for (std::int64_t i = 0; i < rows.count; ++i) held.insert(rows.start + i * rows.step);
        for (std::int64_t p = 1; p < 4; ++p) {
          for (std::int64_t t = 0; t < taps; ++t) {
            const std::int64_t x = p * stride + t - pad;
            if (x >= 0 && x < axis.in) read.insert(x);
          }
        }
        EXPECT_TRUE(std::includes(held.begin(), held.end(), read.begin(), read.end()));
        if (taps == 1) {
          EXPECT_EQ(held, read);
        }
        for (const std::int64_t x : held) EXPECT_TRUE(x >= 0 && x < axis.in);
      }
    }
  }
}

TEST(FlatRuns, PiecesOfAMatrixMakeUpTheWhole) {
  const StoredTensor tensor{"t", TensorRole::kActivation, 37, 19, {parse_format("mxsf"), {8, 8}}};
  std::set<std::int64_t> all;
  for (std::int64_t start = 0; start < 37 * 19; start += 100) {
    const std::int64_t count = std::min<std::int64_t>(100, 37 * 19 - start);
    for (const std::int64_t byte : bytes_of(flat_runs(tensor, 0, {start, count}))) {
      EXPECT_TRUE(all.insert(byte).second);
    }
  }
  EXPECT_EQ(static_cast<std::int64_t>(all.size()), tensor.bytes().count());
}

}  // namespace
}  // namespace mxsim
