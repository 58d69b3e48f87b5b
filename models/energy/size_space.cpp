#include "models/energy/size_space.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <initializer_list>
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

std::int64_t capacity_of(const Buffers& buffers) {
  std::int64_t sum = 0;
  for (const auto& [name, bytes] : buffers) sum += bytes.count();
  return sum;
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

/// One buffer half or twice as large.
std::vector<std::map<std::string, Bytes>> SizeSpace::steps(const Buffers& buffers) const {
  std::vector<Buffers> steps;
  for (const auto& [name, bytes] : buffers) {
    for (const Bytes step : {Bytes(bytes.count() / 2), Bytes(bytes.count() * 2)}) {
      if ((bytes.count() % 2 != 0 && step < bytes) || !is_step(name, step)) continue;
      steps.push_back(buffers);
      steps.back()[name] = step;
    }
  }
  return steps;
}

std::vector<ChipSizes> SizeSpace::starts() const {
  std::vector<ChipSizes> starts;
  for (const auto& [over, under] : std::initializer_list<std::pair<std::int64_t, std::int64_t>>{
           {1, 1}, {1, 2}, {1, 4}, {2, 1}, {4, 1}}) {
    const Buffers buffers = scaled(own_.buffers, over, under);
    const bool are_steps = std::all_of(buffers.begin(), buffers.end(), [&](const auto& buffer) {
      return is_step(buffer.first, buffer.second);
    });
    if (are_steps) add(starts, largest_arrays(buffers));
  }
  if (!starts.empty()) return starts;
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
  const auto add_beside = [&](const Buffers& buffers) {
    ChipSizes same = sizes;
    same.buffers = buffers;
    add(list, largest_arrays(buffers));
    if (fits(same)) add(list, {same});
  };
  for (const Buffers& step : steps(sizes.buffers)) add_beside(step);
  for (const auto& [name, bytes] : sizes.buffers) {
    Buffers less = sizes.buffers;
    less[name] = Bytes(bytes.count() / 2);
    if (bytes.count() % 2 != 0 || !is_step(name, less[name])) continue;
    for (const Buffers& step : steps(less)) {
      if (step != sizes.buffers && capacity_of(step) > capacity_of(less)) add_beside(step);
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
  const auto value_of = [&](const ChipSizes& sizes) {
    const auto [place, is_new] = known.try_emplace(sizes, 0);
    if (!is_new) return place->second;
    place->second = value(sizes);
    search.tried.push_back({sizes, place->second});
    if (place->second < search.tried[search.best].value) search.best = search.tried.size() - 1;
    return place->second;
  };
  const std::vector<ChipSizes> starts = space.starts();
  for (const ChipSizes& sizes : starts) {
    if (sizes.buffers != starts.front().buffers) continue;
    value_of(sizes);
    search.start = search.best;
  }
  for (ChipSizes here : starts) {
    bool moved = true;
    while (moved) {
      const double least = value_of(here);
      const std::vector<ChipSizes> near = space.neighbours(here);
      const auto better = std::find_if(
          near.begin(), near.end(), [&](const ChipSizes& each) { return value_of(each) < least; });
      moved = better != near.end();
      if (moved) here = *better;
    }
  }
  return search;
}

}  // namespace mxsim
