#include "models/mapping/gemm_mapper.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <set>
#include <utility>

#include "models/core/error.h"
#include "models/dataflow/closed_form.h"
#include "models/mapping/vector_cost.h"

namespace mxsim {
namespace {

/// What a tile costs whatever its size: dispatch, descriptors, filling and draining of pipelines.
constexpr double kTileOverheadCycles = 32;

struct PositionSize {
  std::int64_t images;
  std::int64_t h;
  std::int64_t w;
};

/// ceil(total / j) for a few j, rounded up to `align` where that stays below the total; largest
/// first.
std::vector<std::int64_t> pieces(std::int64_t total, std::int64_t align) {
  std::set<std::int64_t, std::greater<>> sizes;
  for (std::int64_t j = 1; j <= total; j = j < 4 ? j + 1 : j + j / 2) {
    const std::int64_t size = ceil_div(total, j);
    sizes.insert(std::min(total, size >= align ? round_up(size, align) : size));
  }
  sizes.insert(std::min(total, align));
  sizes.insert(1);
  return {sizes.begin(), sizes.end()};
}

/// Whole images before parts of one; whole rows of an image before parts of a row.
std::vector<PositionSize> position_sizes(const GemmWork& work) {
  std::vector<PositionSize> sizes;
  for (const std::int64_t images : pieces(work.images, 1)) {
    sizes.push_back({images, work.h.out, work.w.out});
  }
  for (const std::int64_t h : pieces(work.h.out, 1)) {
    if (h < work.h.out) sizes.push_back({1, h, work.w.out});
  }
  for (const std::int64_t w : pieces(work.w.out, 1)) {
    if (w == work.w.out) continue;
    for (const std::int64_t h : {std::int64_t{1}, std::int64_t{4}, std::int64_t{16}}) {
      if (h <= work.h.out) sizes.push_back({1, h, w});
    }
  }
  return sizes;
}

/// Input rows (or columns) that the tiles of one axis read together: halos are read by both
/// neighbours.
std::int64_t footprint_sum(const WindowAxis& axis, std::int64_t piece) {
  std::int64_t sum = 0;
  for (std::int64_t start = 0; start < axis.out; start += piece) {
    sum += input_footprint(axis, {start, std::min(piece, axis.out - start)}).count;
  }
  return sum;
}

/// A full piece of the axis that reads the most inputs: padding cuts those at the borders short.
Range fullest_piece(const WindowAxis& axis, std::int64_t piece) {
  const std::int64_t pieces = axis.out / piece;
  Range best{0, piece};
  for (const std::int64_t i : {std::int64_t{1}, std::int64_t{2}, pieces / 2}) {
    if (i >= pieces) continue;
    const Range other{i * piece, piece};
    if (input_footprint(axis, other).count > input_footprint(axis, best).count) best = other;
  }
  return best;
}

/// Tiles of one size along one loop.
struct Extent {
  std::int64_t size;
  std::int64_t count;
};

/// All full tiles and the partial last.
std::vector<Extent> extents_of(std::int64_t total, std::int64_t piece) {
  std::vector<Extent> sizes;
  if (total / piece > 0) sizes.push_back({piece, total / piece});
  if (total % piece > 0) sizes.push_back({total % piece, 1});
  return sizes;
}

/// A tile's size in SRAM and the DRAM traffic of its operand per element.
struct Footprint {
  Bytes bytes{0};
  double moved_per_element = 0;
};

class Search {
 public:
  Search(const OpGroup& group, const GemmWork& work, const std::vector<StoredTensor>& tensors,
         const MapperChip& chip)
      : group_(group),
        work_(work),
        chip_(chip),
        left_(at(tensors, work.a)),
        right_(at(tensors, work.b)) {
    for (const TensorId id : group.streamed_reads) {
      side_bits_ += at(tensors, id).layout.format.element_bits;
    }
  }

  GemmMapping best();

 private:
  static const StoredTensor& at(const std::vector<StoredTensor>& tensors, TensorId id) {
    return tensors.at(static_cast<std::size_t>(id));
  }

  GemmTile largest_tile(const GemmTiling& tiling) const {
    return {0,
            {0, tiling.images},
            fullest_piece(work_.h, tiling.h),
            fullest_piece(work_.w, tiling.w),
            {0, tiling.channels},
            {0, tiling.n},
            0};
  }
  Footprint footprint(const StoredTensor& tensor, const TensorRegion& region,
                      const FormatSpec& format) const;
  bool fits(const GemmTiling& tiling) const;
  void consider_tile(GemmTiling tiling);
  MappingCost cost(const GemmTiling& tiling) const;
  double array_cycles(const GemmTiling& tiling) const;
  Cycles tile_cycles(const GemmTile& tile) const;
  double left_elements(const GemmTiling& tiling) const;
  double vector_cycles(double results) const;
  double right_elements() const;

  const OpGroup& group_;
  const GemmWork& work_;
  const MapperChip& chip_;
  const StoredTensor& left_;
  const StoredTensor& right_;
  std::int64_t side_bits_ = 0;
  std::vector<GemmMapping> found_;
};

/// The tile is kept in the wider of its stored and its operand format.
Footprint Search::footprint(const StoredTensor& tensor, const TensorRegion& region,
                            const FormatSpec& format) const {
  const std::vector<DramRun> runs = memory_runs(tensor, 0, region);
  const std::int64_t operand = ceil_div(region.elements() * format.element_bits, 8);
  Footprint result{std::max(payload(runs), Bytes(operand)), 0};
  if (region.elements() > 0) {
    result.moved_per_element =
        static_cast<double>(moved_bytes(runs, chip_.dram_burst_bytes).count()) /
        static_cast<double>(region.elements());
  }
  return result;
}

bool Search::fits(const GemmTiling& tiling) const {
  const GemmTile tile = largest_tile(tiling);
  const GemmExtents size = extents(work_, tile);
  const std::int64_t result_bytes = ceil_div(size.m * size.n * (32 + side_bits_), 8);
  if (result_bytes > chip_.accumulator.slot_bytes().count()) return false;
  const Footprint left = footprint(left_, left_region(work_, tile), work_.format_a);
  if (left.bytes > chip_.input.slot_bytes()) return false;
  const Footprint right = footprint(right_, right_region(work_, tile), work_.format_b);
  return right.bytes <= chip_.weight.slot_bytes();
}

double Search::left_elements(const GemmTiling& tiling) const {
  return static_cast<double>(work_.images) *
         static_cast<double>(footprint_sum(work_.h, tiling.h) * footprint_sum(work_.w, tiling.w)) *
         static_cast<double>(work_.channels);
}

double Search::right_elements() const {
  const std::int64_t rows =
      work_.kind == GemmKind::kWindow ? work_.taps() * work_.block_channels() : work_.positions();
  return static_cast<double>(rows) * static_cast<double>(work_.n);
}

double Search::array_cycles(const GemmTiling& tiling) const {
  double sum = 0;
  for (const Extent images : extents_of(work_.images, tiling.images)) {
    for (const Extent h : extents_of(work_.h.out, tiling.h)) {
      for (const Extent w : extents_of(work_.w.out, tiling.w)) {
        for (const Extent c : extents_of(work_.channels, tiling.channels)) {
          for (const Extent n : extents_of(work_.n, tiling.n)) {
            const GemmTile tile{
                0, {0, images.size}, {0, h.size}, {0, w.size}, {0, c.size}, {0, n.size}, 0};
            const std::int64_t tiles = images.count * h.count * w.count * c.count * n.count;
            sum += static_cast<double>(tile_cycles(tile).count()) * static_cast<double>(tiles);
          }
        }
      }
    }
  }
  return sum * static_cast<double>(work_.products());
}

Cycles Search::tile_cycles(const GemmTile& tile) const {
  if (work_.taps() == 0) return Cycles(0);
  return closed_form(chip_.array, array_command(chip_, group_.pass, work_, tile, Accumulate::kAdd))
      .cycles;
}

MappingCost Search::cost(const GemmTiling& tiling) const {
  const GemmTile tile = largest_tile(tiling);
  const Footprint left = footprint(left_, left_region(work_, tile), work_.format_a);
  const Footprint right = footprint(right_, right_region(work_, tile), work_.format_b);
  const TileTrips count = trips(work_, tiling);
  const OperandFetches fetched = fetches(count, tiling.outer);
  MappingCost result;
  result.dram_bytes =
      static_cast<double>(work_.products()) *
      (static_cast<double>(fetched.left) * left_elements(tiling) * left.moved_per_element +
       static_cast<double>(fetched.right) * right_elements() * right.moved_per_element);
  result.array_cycles = array_cycles(tiling);
  result.tiles = count.total() * work_.products();
  const double first_fetch =
      static_cast<double>((left.bytes + right.bytes).count()) / chip_.dram_bytes_per_cycle;
  const double tile_results = static_cast<double>(tile.positions() * tile.n.count);
  const double all_results = static_cast<double>(group_.rows) * static_cast<double>(group_.cols);
  result.cycles = std::max({result.array_cycles, result.dram_bytes / chip_.dram_bytes_per_cycle,
                            vector_cycles(all_results)}) +
                  first_fetch + vector_cycles(tile_results) +
                  kTileOverheadCycles * static_cast<double>(result.tiles);
  return result;
}

/// Time of that many results in the vector unit.
double Search::vector_cycles(double results) const {
  return results * static_cast<double>(lane_cycles(chip_.vector, group_.vector_ops)) /
         static_cast<double>(chip_.vector.lanes);
}

void Search::consider_tile(GemmTiling tiling) {
  if (!fits(tiling)) return;
  for (const OuterLoop outer : {OuterLoop::kRows, OuterLoop::kColumns}) {
    tiling.outer = outer;
    found_.push_back({tiling, cost(tiling)});
  }
}

GemmMapping Search::best() {
  const std::int64_t channel_align =
      std::max<std::int64_t>({chip_.array.rows, left_.layout.block.cols, right_.layout.block.rows});
  // Block-diagonals fit the array and stay whole.
  const auto sizes = [&](std::int64_t total, std::int64_t align) {
    return work_.packed > 1 ? std::vector<std::int64_t>{total} : pieces(total, align);
  };
  for (const PositionSize& size : position_sizes(work_)) {
    for (const std::int64_t channels : sizes(work_.channels, channel_align)) {
      for (const std::int64_t n : sizes(work_.n, chip_.array.cols)) {
        consider_tile({size.images, size.h, size.w, channels, n, OuterLoop::kRows});
      }
    }
  }
  if (found_.empty()) {
    throw InputError(
        fmt::format("layer \"{}\" ({}): no tile fits the buffers (slots of {}, {} and {} bytes)",
                    group_.layer, to_string(group_.pass), chip_.input.slot_bytes().count(),
                    chip_.weight.slot_bytes().count(), chip_.accumulator.slot_bytes().count()));
  }
  constexpr double kTolerance = 1.05;
  const auto shortest = std::min_element(
      found_.begin(), found_.end(),
      [](const GemmMapping& a, const GemmMapping& b) { return a.cost.cycles < b.cost.cycles; });
  const double limit = shortest->cost.cycles * kTolerance;
  const GemmMapping* chosen = &*shortest;
  for (const GemmMapping& mapping : found_) {
    if (mapping.cost.cycles > limit) continue;
    const auto key = [](const GemmMapping& m) {
      return std::pair(m.cost.dram_bytes, m.cost.tiles);
    };
    if (key(mapping) < key(*chosen)) chosen = &mapping;
  }
  return *chosen;
}

}  // namespace

GemmMapping map_gemm(const OpGroup& group, const GemmWork& work,
                     const std::vector<StoredTensor>& tensors, const MapperChip& chip) {
  return Search(group, work, tensors, chip).best();
}

}  // namespace mxsim
