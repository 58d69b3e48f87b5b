#pragma once

#include <cstdint>
#include <vector>

#include "models/formats/block_shape.h"
#include "models/mapping/tiles/run_list.h"
#include "models/mapping/tiles/step_range.h"
#include "models/workload/dram_tile.h"

namespace mxsim {

/// Bytes of a tile-major matrix (dram_tile.h). Each tile holds, one behind the other, one or more
/// planes of fields: elements, block scales, sub-block offsets.
class TiledMatrix {
 public:
  /// Fields of `bits` bits, one for each block of elements. Blocks divide the tile.
  struct Plane {
    BlockShape block;
    std::int64_t bits = 8;
  };

  TiledMatrix(std::int64_t base, std::int64_t rows, std::int64_t cols, DramTile tile,
              std::vector<Plane> planes);

  /// The fields of rows `rows` and columns `cols`.
  void append_rows(std::vector<DramRun>& runs, StepRange rows, Range cols) const;

 private:
  /// Equal bands below each other, or one that is lower.
  struct Bands {
    std::int64_t first = 0;
    std::int64_t height = 0;
    std::int64_t count = 1;
  };
  struct Rows {
    std::int64_t begin = 0;  ///< within the band
    std::int64_t end = 0;
  };

  /// Rows `begin` to `end` of the matrix.
  void append_range(std::vector<DramRun>& runs, std::int64_t begin, std::int64_t end,
                    Range cols) const;
  void append_bands(std::vector<DramRun>& runs, Bands bands, Range cols) const;
  void append_part(std::vector<DramRun>& runs, Bands band, Rows rows, Range cols) const;
  void append_in_tile(std::vector<DramRun>& runs, Bands band, Rows rows, Range cols) const;
  /// Bits before column `col`, which begins a tile, from the beginning of a band on.
  std::int64_t bits_before(std::int64_t height, std::int64_t col) const;
  std::int64_t first_bit(Bands band, std::int64_t col) const {
    return band.first * band_bits_ + bits_before(band.height, col);
  }
  std::int64_t height(std::int64_t band) const;

  std::int64_t base_;
  std::int64_t rows_;
  std::int64_t cols_;
  DramTile tile_;
  std::vector<Plane> planes_;
  std::int64_t band_bits_;  ///< of a band of full height
};

}  // namespace mxsim
