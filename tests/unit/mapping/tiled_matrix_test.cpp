// Tile-major tensors against places counted one by one.
#include "models/mapping/tiles/tiled_matrix.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <set>
#include <vector>

#include "models/core/rng.h"
#include "models/formats/format_table.h"
#include "models/mapping/tiles/tensor_region.h"

namespace mxsim {
namespace {

/// First bit of every element and of every block's scale, in the order in which they lie.
class Places {
 public:
  explicit Places(const StoredTensor& tensor) : tensor_(tensor) {
    const FormatSpec& format = tensor.layout.format;
    elements_ = Matrix(tensor.rows, tensor.cols);
    scales_ = Matrix(ceil_div(tensor.rows, block().rows), ceil_div(tensor.cols, block().cols));
    const bool has_scales = format.scale_bits > 0;
    if (scales_beside(tensor)) {
      each_tile(elements_, tensor.tile, [&](Box box) {
        fill(elements_, box, format.element_bits);
        if (has_scales) fill(scales_, blocks_of(box), format.scale_bits);
      });
      return;
    }
    place(elements_, tensor.tile, format.element_bits);
    next_ = round_up(next_, 8);
    if (has_scales) place(scales_, block_tile(), format.scale_bits);
  }

  std::int64_t element(std::int64_t row, std::int64_t col) const { return elements_.at(row, col); }
  std::int64_t scale(std::int64_t row, std::int64_t col) const {
    return scales_.at(row / block().rows, col / block().cols);
  }
  std::int64_t bits() const { return next_; }

 private:
  struct Matrix {
    std::int64_t rows = 0, cols = 0;
    std::vector<std::int64_t> first_bits;
    Matrix() = default;
    Matrix(std::int64_t r, std::int64_t c)
        : rows(r), cols(c), first_bits(static_cast<std::size_t>(r * c), -1) {}
    std::int64_t at(std::int64_t row, std::int64_t col) const {
      return first_bits[static_cast<std::size_t>(row * cols + col)];
    }
  };
  struct Box {
    std::int64_t top, bottom, left, right;
  };

  BlockShape block() const { return tensor_.layout.block; }
  DramTile block_tile() const {
    const DramTile& tile = tensor_.tile;
    if (tile.row_major() || tile.rows % block().rows != 0 || tile.cols % block().cols != 0) {
      return {};
    }
    return {tile.rows / block().rows, tile.cols / block().cols};
  }
  Box blocks_of(Box box) const {
    return {box.top / block().rows, ceil_div(box.bottom, block().rows), box.left / block().cols,
            ceil_div(box.right, block().cols)};
  }
  static void each_tile(const Matrix& matrix, const DramTile& tile,
                        const std::function<void(Box)>& visit) {
    const std::int64_t high = tile.row_major() ? 1 : tile.rows;
    const std::int64_t wide = tile.row_major() ? matrix.cols : tile.cols;
    for (std::int64_t top = 0; top < matrix.rows; top += high) {
      for (std::int64_t left = 0; left < matrix.cols; left += wide) {
        visit({top, std::min(top + high, matrix.rows), left, std::min(left + wide, matrix.cols)});
      }
    }
  }
  void fill(Matrix& matrix, Box box, std::int64_t bits) {
    for (std::int64_t row = box.top; row < box.bottom; ++row) {
      for (std::int64_t col = box.left; col < box.right; ++col, next_ += bits) {
        matrix.first_bits[static_cast<std::size_t>(row * matrix.cols + col)] = next_;
      }
    }
  }
  void place(Matrix& matrix, const DramTile& tile, std::int64_t bits) {
    each_tile(matrix, tile, [&](Box box) { fill(matrix, box, bits); });
  }

  const StoredTensor& tensor_;
  Matrix elements_, scales_;
  std::int64_t next_ = 0;
};

std::set<std::int64_t> bytes_of(const std::vector<DramRun>& runs) {
  std::set<std::int64_t> bytes;
  for (const DramRun& run : runs) {
    for (std::int64_t i = 0; i < run.rows; ++i) {
      for (std::int64_t byte = 0; byte < run.row_bytes; ++byte) {
        bytes.insert(run.base + i * run.stride + byte);
      }
    }
  }
  return bytes;
}

using Draw = std::function<std::int64_t(std::int64_t)>;

StoredTensor drawn_tensor(const Draw& draw, std::int64_t rows) {
  const std::vector<DataLayout> layouts{{parse_format("bf16"), {1, 1}},
                                        {parse_format("mxsf"), {8, 8}},
                                        {parse_format("mxfp8_e4m3"), {1, 32}},
                                        {parse_format("mxfp4_e2m1"), {4, 8}}};
  StoredTensor tensor{"t", TensorRole::kActivation, rows, 2 * (1 + draw(30)),
                      layouts[static_cast<std::size_t>(draw(4))]};
  tensor.tile = {1 + draw(12), 2 * (1 + draw(8)),
                 draw(2) == 0 ? ScalePlace::kApart : ScalePlace::kBeside};
  if (draw(2) == 0) tensor.tile = {8, 8 << draw(3), tensor.tile.scales};
  return tensor;
}

TEST(TileMajor, NamesTheBytesOfTheElementsAndOfTheScalesThatARegionTouches) {
  const CounterRng rng(2, "tiles");
  for (std::uint64_t i = 0; i < 600; ++i) {
    const Draw draw = [&, k = i * 64](std::int64_t limit) mutable {
      return static_cast<std::int64_t>(rng.bits(k++) % static_cast<std::uint64_t>(limit));
    };
    const std::int64_t images = 1 + draw(3), height = 1 + draw(9), width = 1 + draw(9);
    const StoredTensor tensor = drawn_tensor(draw, images * height * width);
    const auto range = [&](std::int64_t limit) {
      const std::int64_t start = draw(limit);
      return Range{start, 1 + draw(limit - start)};
    };
    const Range image = range(images), y = range(height), x = range(width);
    const Range half = range(tensor.cols / 2);
    const Range cols{2 * half.start, 2 * half.count};
    const TensorRegion region{height, width, image, {y.start, y.count, 1}, {x.start, x.count, 1},
                              cols};
    const Places places(tensor);
    ASSERT_EQ(ceil_div(places.bits(), 8), tensor.bytes().count());
    const std::int64_t bits = tensor.layout.format.element_bits;
    std::set<std::int64_t> elements, scales;
    for (std::int64_t n = image.start; n < image.end(); ++n) {
      for (std::int64_t h = y.start; h < y.end(); ++h) {
        for (std::int64_t w = x.start; w < x.end(); ++w) {
          const std::int64_t row = (n * height + h) * width + w;
          for (std::int64_t col = cols.start; col < cols.end(); ++col) {
            const std::int64_t first = places.element(row, col);
            for (std::int64_t bit = first; bit < first + bits; ++bit) elements.insert(bit / 8);
            if (tensor.layout.format.scale_bits > 0) scales.insert(places.scale(row, col) / 8);
          }
        }
      }
    }
    const std::set<std::int64_t> named = bytes_of(memory_runs(tensor, 0, region));
    std::set<std::int64_t> wanted = elements;
    wanted.insert(scales.begin(), scales.end());
    ASSERT_TRUE(std::includes(named.begin(), named.end(), wanted.begin(), wanted.end()))
        << "case " << i;
    // Scales apart are fetched for whole rows of blocks of an image.
    if (scales_beside(tensor) || scales.empty()) {
      ASSERT_EQ(named, wanted) << "case " << i;
    }
  }
}

TEST(TileMajor, PiecesOfAStreamMakeUpTheWhole) {
  const CounterRng rng(3, "streams");
  for (std::uint64_t i = 0; i < 200; ++i) {
    const Draw draw = [&, k = i * 64](std::int64_t limit) mutable {
      return static_cast<std::int64_t>(rng.bits(k++) % static_cast<std::uint64_t>(limit));
    };
    const StoredTensor tensor = drawn_tensor(draw, 1 + draw(40));
    const std::int64_t total = tensor.rows * tensor.cols;
    const std::int64_t piece = 2 * (1 + draw(total / 2));
    std::set<std::int64_t> all;
    for (std::int64_t start = 0; start < total; start += piece) {
      const std::set<std::int64_t> bytes =
          bytes_of(flat_runs(tensor, 0, {start, std::min(piece, total - start)}));
      all.insert(bytes.begin(), bytes.end());
    }
    ASSERT_EQ(static_cast<std::int64_t>(all.size()), tensor.bytes().count()) << "case " << i;
    ASSERT_EQ(flat_runs(tensor, 0, {0, total}).size(), 1U) << "case " << i;
  }
}

TEST(TileMajor, AnAlignedPartOfAWeightMatrixIsWholeBursts) {
  StoredTensor weights{"w", TensorRole::kWeight, 512, 512, {parse_format("mxfp4_e2m1"), {1, 32}}};
  const TensorRegion part{weights.rows, 1, {0, 1}, {64, 128, 1}, {0, 1, 1}, {40, 40}};
  const auto elements = [&] { return memory_runs(weights, 0, part).front(); };
  EXPECT_EQ(elements(), (DramRun{64 * 256 + 20, 20, 256, 128}));
  weights.tile = {8, 8};
  EXPECT_EQ(elements(), (DramRun{8 * 8 * 256 + 5 * 32, 5 * 32, 8 * 256, 16}));
}

}  // namespace
}  // namespace mxsim
