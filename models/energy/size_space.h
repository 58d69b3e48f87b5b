#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "models/energy/priced_chip.h"

namespace mxsim {

/// Rows and columns of an array and the capacity of each buffer.
struct ChipSizes {
  std::int64_t rows = 0;
  std::int64_t cols = 0;
  std::map<std::string, Bytes> buffers;
  auto operator<=>(const ChipSizes&) const = default;
};

ChipSizes sizes_of(const ArraySpec& array, const BufferSet& buffers);
/// A buffer with a slice at each array column keeps one there.
void set_sizes(const ChipSizes& sizes, ArraySpec& array, BufferSet& buffers);

/// The sizes of a chip that fit into an area as these formats need them: rows and columns in
/// multiples of an edge, their ratio within a quarter of the chip's own (a single edge of rows has
/// one of columns); each buffer a quarter, half, once, twice or four times its own capacity.
class SizeSpace {
 public:
  /// `table` outlives it.
  SizeSpace(PricedChip chip, std::vector<WorkFormats> in_use, const TechnologyTable& table,
            double area_mm2, std::int64_t edge);

  double area_mm2() const { return area_; }
  double area_mm2(const ChipSizes& sizes) const;
  bool fits(const ChipSizes& sizes) const;
  /// Arrays beside these buffers that no other array beside them contains.
  std::vector<ChipSizes> largest_arrays(const std::map<std::string, Bytes>& buffers) const;
  /// Largest arrays beside the chip's own buffers, then beside a half, a quarter, twice and four
  /// times all of them. Throws InputError when none leaves room for one.
  std::vector<ChipSizes> starts() const;
  /// One step away: an edge more or fewer rows or columns, another largest array, or, beside the
  /// same or a largest array, one buffer twice or half as large, or one half and another twice.
  std::vector<ChipSizes> neighbours(const ChipSizes& sizes) const;
  std::vector<ChipSizes> all() const;

 private:
  std::vector<ChipSizes> arrays(const std::map<std::string, Bytes>& buffers) const;
  std::vector<std::map<std::string, Bytes>> steps(
      const std::map<std::string, Bytes>& buffers) const;
  std::vector<std::int64_t> widths(std::int64_t rows) const;
  bool is_step(const std::string& buffer, Bytes bytes) const;

  PricedChip chip_;
  ChipSizes own_;
  std::vector<WorkFormats> in_use_;
  const TechnologyTable& table_;
  double area_;
  std::int64_t edge_;
};

struct ValuedSizes {
  ChipSizes sizes;
  double value = 0;
};

/// Sizes in the order in which they were tried; the first of the least values is the best. From
/// each of starts() the search goes on to the first neighbour with a lower value, until none has.
struct SizeSearch {
  double area_mm2 = 0;  ///< that all fit into
  std::vector<ValuedSizes> tried;
  std::size_t start = 0;  ///< of tried: the largest array beside the chip's own buffers
  std::size_t best = 0;
};
SizeSearch search_sizes(const SizeSpace& space,
                        const std::function<double(const ChipSizes&)>& value);

}  // namespace mxsim
