#include "models/energy/size_space.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "models/core/error.h"

namespace mxsim {
namespace {

constexpr double kWidestRatioChange = 1.25;
constexpr double kRounding = 1e-9;  // the area of the chip itself must hold it
constexpr std::int64_t kLargestShare = 4;

using Buffers = std::map<std::string, Bytes>;

/// All buffers over / under their own capacity.
Buffers scaled(const Buffers& own, std::int64_t over, std::int64_t under) {
  Buffers buffers = own;
  for (auto& [name, bytes] : buffers) bytes = Bytes(bytes.count() * over / under);
  return buffers;
}

bool contains(const ChipSizes& a, const ChipSizes& b) {
  return a.rows >= b.rows && a.cols >= b.cols;
}

void add(std::vector<ChipSizes>& list, std::vector<ChipSizes> more) {
  for (ChipSizes& sizes : more) {
    if (std::find(list.begin(), list.end(), sizes) == list.end()) list.push_back(std::move(sizes));
  }
}

}  // namespace

ChipSizes sizes_of(const ArraySpec& array, const BufferSet& buffers) {
  ChipSizes sizes{array.rows, array.cols, {}};
  for (const auto& [name, buffer] : buffers) sizes.buffers[name] = buffer.bytes;
  return sizes;
}

void set_sizes(const ChipSizes& sizes, ArraySpec& array, BufferSet& buffers) {
  for (auto& [name, buffer] : buffers) {
    buffer.bytes = sizes.buffers.at(name);
    if (buffer.slices > 1 && buffer.slices == array.cols) buffer.slices = sizes.cols;
  }
  array.rows = sizes.rows;
  array.cols = sizes.cols;
}

SizeSpace::SizeSpace(PricedChip chip, std::vector<WorkFormats> in_use, const TechnologyTable& table,
                     double area_mm2, std::int64_t edge)
    : chip_(std::move(chip)),
      own_(sizes_of(chip_.array, chip_.buffers)),
      in_use_(std::move(in_use)),
      table_(table),
      area_(area_mm2),
      edge_(edge) {}

double SizeSpace::area_mm2(const ChipSizes& sizes) const {
  PricedChip chip = chip_;
  set_sizes(sizes, chip.array, chip.buffers);
  return chip_area(chip, in_use_, table_).total_mm2();
}

bool SizeSpace::fits(const ChipSizes& sizes) const {
  return area_mm2(sizes) <= area_ * (1 + kRounding);
}

/// Numbers of columns near the chip's ratio beside so many rows.
std::vector<std::int64_t> SizeSpace::widths(std::int64_t rows) const {
  const double own = static_cast<double>(rows * own_.cols) / static_cast<double>(own_.rows);
  std::vector<std::int64_t> widths;
  const auto edge = static_cast<double>(edge_);
  auto first = static_cast<std::int64_t>(std::ceil(own / kWidestRatioChange / edge));
  auto last = static_cast<std::int64_t>(std::floor(own * kWidestRatioChange / edge));
  if (rows == edge_) {
    first = 1;
    last = std::max<std::int64_t>(last, 1);
  }
  for (std::int64_t each = std::max<std::int64_t>(first, 1); each <= last; ++each) {
    widths.push_back(each * edge_);
  }
  return widths;
}

std::vector<ChipSizes> SizeSpace::arrays(const Buffers& buffers) const {
  std::vector<ChipSizes> fitting;
  for (std::int64_t rows = edge_;; rows += edge_) {
    const std::vector<std::int64_t> columns = widths(rows);
    for (const std::int64_t cols : columns) {
      ChipSizes sizes{rows, cols, buffers};
      if (fits(sizes)) fitting.push_back(std::move(sizes));
    }
    // Rows beside which the chip's ratio has no column yet may be followed by rows that have some.
    const std::int64_t narrowest = columns.empty() ? edge_ : columns.front();
    if (!fits({rows, narrowest, buffers})) return fitting;
  }
}

std::vector<ChipSizes> SizeSpace::largest_arrays(const Buffers& buffers) const {
  const std::vector<ChipSizes> fitting = arrays(buffers);
  std::vector<ChipSizes> largest;
  for (const ChipSizes& sizes : fitting) {
    const bool is_inside = std::any_of(fitting.begin(), fitting.end(), [&](const ChipSizes& other) {
      return other != sizes && contains(other, sizes);
    });
    if (!is_inside) largest.push_back(sizes);
  }
  return largest;
}

bool SizeSpace::is_step(const std::string& buffer, Bytes bytes) const {
  const std::int64_t own = own_.buffers.at(buffer).count();
  const BufferSpec& spec = chip_.buffers.at(buffer);
  constexpr std::int64_t kFewestBytes = 64;
  return bytes.count() * kLargestShare >= own && bytes.count() <= own * kLargestShare &&
         bytes.count() >= kFewestBytes && bytes.count() % spec.banks == 0;
}

std::vector<ChipSizes> SizeSpace::starts() const {
  for (std::int64_t under = 1; under <= kLargestShare; under *= 2) {
    const Buffers buffers = scaled(own_.buffers, 1, under);
    const bool are_steps = std::all_of(buffers.begin(), buffers.end(), [&](const auto& buffer) {
      return is_step(buffer.first, buffer.second);
    });
    std::vector<ChipSizes> largest = are_steps ? largest_arrays(buffers) : std::vector<ChipSizes>{};
    if (!largest.empty()) return largest;
  }
  PricedChip least = chip_;
  set_sizes({edge_, edge_, own_.buffers}, least.array, least.buffers);
  const AreaBreakdown area = chip_area(least, in_use_, table_);
  throw InputError(fmt::format("{:.3g} mm^2 do not hold {}: buffers and units take {:.3g}", area_,
                               edge_ == 1 ? "one PE" : fmt::format("{0}x{0} PEs", edge_),
                               area.total_mm2() - area.component_mm2(AreaComponent::kArray)));
}

std::vector<ChipSizes> SizeSpace::neighbours(const ChipSizes& sizes) const {
  std::vector<ChipSizes> list = largest_arrays(sizes.buffers);
  std::vector<ChipSizes> near;
  for (const ChipSizes& other : arrays(sizes.buffers)) {
    const std::int64_t steps =
        (std::abs(other.rows - sizes.rows) + std::abs(other.cols - sizes.cols)) / edge_;
    if (steps == 1) near.push_back(other);
  }
  add(list, std::move(near));
  for (const auto& [name, bytes] : sizes.buffers) {
    for (const Bytes step : {Bytes(bytes.count() / 2), Bytes(bytes.count() * 2)}) {
      if (bytes.count() % 2 != 0 && step < bytes) continue;
      if (!is_step(name, step)) continue;
      ChipSizes same = sizes;
      same.buffers[name] = step;
      add(list, largest_arrays(same.buffers));
      if (fits(same)) add(list, {same});
    }
  }
  list.erase(std::remove(list.begin(), list.end(), sizes), list.end());
  return list;
}

std::vector<ChipSizes> SizeSpace::all() const {
  std::vector<Buffers> choices{own_.buffers};
  for (const auto& [name, own] : own_.buffers) {
    std::vector<Buffers> more;
    for (const Buffers& each : choices) {
      for (std::int64_t share = 1; share <= kLargestShare * kLargestShare; share *= 2) {
        if (own.count() * share % kLargestShare != 0) continue;
        const Bytes bytes(own.count() * share / kLargestShare);
        if (!is_step(name, bytes)) continue;
        more.push_back(each);
        more.back()[name] = bytes;
      }
    }
    choices = std::move(more);
  }
  std::vector<ChipSizes> list;
  for (const Buffers& each : choices) add(list, arrays(each));
  return list;
}

SizeSearch search_sizes(const SizeSpace& space,
                        const std::function<double(const ChipSizes&)>& value) {
  SizeSearch search;
  search.area_mm2 = space.area_mm2();
  std::map<ChipSizes, double> known;
  const auto improves = [&](const ChipSizes& sizes) {
    if (known.contains(sizes)) return false;
    const double found = value(sizes);
    known.emplace(sizes, found);
    search.tried.push_back({sizes, found});
    if (found >= search.tried[search.best].value) return false;
    search.best = search.tried.size() - 1;
    return true;
  };
  for (const ChipSizes& sizes : space.starts()) improves(sizes);
  search.start = search.best;
  for (bool moved = true; moved;) {
    const std::vector<ChipSizes> near = space.neighbours(search.tried[search.best].sizes);
    moved = std::any_of(near.begin(), near.end(), improves);
  }
  return search;
}

}  // namespace mxsim
