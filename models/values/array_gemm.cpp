#include "models/values/array_gemm.h"

#include <algorithm>

#include "models/arithmetic/dot_product.h"
#include "models/arithmetic/exact_sums.h"
#include "models/arithmetic/tile_kernel.h"
#include "models/core/units.h"
#include "models/mapping/tiles/reduction_blocks.h"
#include "models/values/gemm_places.h"

namespace mxsim {
namespace {

constexpr std::int64_t kOperandsAtOnce = 1 << 18;

/// Pieces of `total`, so that about kOperandsAtOnce operands are gathered for each.
template <class Add>
void for_pieces(std::int64_t total, std::int64_t operands, Add add) {
  const std::int64_t piece = std::clamp<std::int64_t>(kOperandsAtOnce / operands, 1, total);
  for (std::int64_t start = 0; start < total; start += piece) {
    add(Range{start, std::min(piece, total - start)});
  }
}

/// Independent results of a product; every tile has the whole reduction.
std::vector<GemmTile> tiles_of(const GemmWork& work, std::int64_t product) {
  std::vector<GemmTile> tiles;
  GemmTile tile = whole_product(work, product);
  const std::int64_t k = std::max<std::int64_t>(1, work.gemm_k());
  if (work.kind == GemmKind::kWeightGradient) {
    for_pieces(work.n, k, [&](Range n) {
      tile.n = n;
      tiles.push_back(tile);
    });
  } else if (has_images_in_columns(work)) {
    for (std::int64_t image = 0; image < work.images; ++image) {
      tile.images = {image, 1};
      tiles.push_back(tile);
    }
  } else if (work.images > 1) {
    for_pieces(work.images, work.h.out * work.w.out * k, [&](Range images) {
      tile.images = images;
      tiles.push_back(tile);
    });
  } else {
    for_pieces(work.h.out, work.w.out * k, [&](Range h) {
      tile.h = h;
      tiles.push_back(tile);
    });
  }
  return tiles;
}

/// Result row of the product that row m of the tile is.
std::int64_t product_row(const GemmWork& work, const GemmTile& tile, std::int64_t m) {
  if (work.kind == GemmKind::kWeightGradient) {
    const std::int64_t tap = m / tile.channels.count;
    return tap * work.channels + tile.channels.start + m % tile.channels.count;
  }
  const std::int64_t x = m % tile.w.count;
  const std::int64_t y = tile.h.start + m / tile.w.count % tile.h.count;
  const std::int64_t image = tile.images.start + m / (tile.w.count * tile.h.count);
  return (image * work.h.out + y) * work.w.out + x;
}

/// visit(results of the tile's row m in the grid, m)
template <class Visit>
void for_result_rows(const ArrayGemm& gemm, const GemmTile& tile, Visit visit) {
  const GemmWork& work = gemm.work;
  const GemmPlaces places(work, gemm.grid, tile.batch * work.groups + tile.group);
  const std::int64_t rows = extents(work, tile).m;
  for (std::int64_t m = 0; m < rows; ++m) {
    const std::int64_t row = product_row(work, tile, m);
    visit(gemm.result.row(places.result_row(row)) + places.result_col(row) + tile.n.start, m);
  }
}

void run_tile(const ArrayGemm& gemm, const GemmTile& tile, Accumulate accumulate,
              WindowPiecesMemo& pieces) {
  const GemmWork& work = gemm.work;
  const GemmExtents size = extents(work, tile);
  std::vector<float> c(static_cast<std::size_t>(size.m * size.n));
  if (accumulate == Accumulate::kAdd) {
    for_result_rows(gemm, tile, [&](const float* from, std::int64_t m) {
      std::copy(from, from + size.n, c.data() + m * size.n);
    });
  }
  if (size.k > 0) {
    const TileOperands operands = gather_operands(gemm.a, gemm.b, work, tile);
    const ArrayCommand command =
        tile_command(gemm.array, gemm.pass, work, tile, accumulate, pieces);
    compute_tile(gemm.array, command,
                 {operands.a, operands.b, c, operands.a_decoder, operands.b_decoder});
  }
  for_result_rows(gemm, tile, [&](float* to, std::int64_t m) {
    std::copy_n(c.data() + m * size.n, size.n, to);
  });
}

}  // namespace

void multiply(const ArrayGemm& gemm, Workers& workers) {
  if (gemm.tiling != nullptr) {
    WindowPiecesMemo pieces;
    for_each_tile(gemm.work, *gemm.tiling, [&](const GemmTile& tile, TilePosition position) {
      run_tile(gemm, tile, position.first_of_reduction ? Accumulate::kOverwrite : Accumulate::kAdd,
               pieces);
    });
    return;
  }
  std::vector<GemmTile> tiles;
  for (std::int64_t product = 0; product < gemm.work.products(); ++product) {
    const std::vector<GemmTile> more = tiles_of(gemm.work, product);
    tiles.insert(tiles.end(), more.begin(), more.end());
  }
  workers.run(static_cast<std::int64_t>(tiles.size()), [&](std::int64_t index) {
    WindowPiecesMemo pieces;
    run_tile(gemm, tiles[static_cast<std::size_t>(index)], Accumulate::kOverwrite, pieces);
  });
}

}  // namespace mxsim
