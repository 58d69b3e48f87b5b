#include "models/energy/sram_table.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "models/core/error.h"
#include "models/core/units.h"

namespace mxsim {
namespace {

/// A straight line between two points of a log-log plot.
template <class Values>
Values blend(const Values& a, const Values& b, double t) {
  Values result{};
  for (std::size_t i = 0; i < result.size(); ++i) {
    result[i] = std::exp(std::log(a[i]) * (1 - t) + std::log(b[i]) * t);
  }
  return result;
}

double position(double x, std::int64_t from, std::int64_t to) {
  return (std::log(x) - std::log(static_cast<double>(from))) /
         (std::log(static_cast<double>(to)) - std::log(static_cast<double>(from)));
}

/// Values along capacity; `exact` is cleared when no point matches.
template <class ByCapacity>
typename ByCapacity::mapped_type along_capacity(const ByCapacity& curve, double capacity,
                                                bool& exact) {
  auto above = curve.lower_bound(static_cast<std::int64_t>(std::ceil(capacity)));
  if (above != curve.end() && static_cast<double>(above->first) == capacity) return above->second;
  exact = false;
  if (above == curve.begin() || curve.size() == 1) return curve.begin()->second;
  if (above == curve.end()) --above;
  const auto below = std::prev(above);
  return blend(below->second, above->second, position(capacity, below->first, above->first));
}

}  // namespace

std::vector<SramPoint> estimated_banks(const std::vector<SramPoint>& points,
                                       const std::vector<SramPoint>& other) {
  using Place = std::array<std::int64_t, 3>;
  const auto by_place = [](const std::vector<SramPoint>& list) {
    std::map<Place, SramPoint> map;
    for (const SramPoint& p : list) map[{p.capacity_bytes, p.width_bits, p.banks}] = p;
    return map;
  };
  const std::map<Place, SramPoint> known = by_place(points);
  const std::map<Place, SramPoint> others = by_place(other);
  std::vector<SramPoint> estimated;
  for (const auto& [place, several] : others) {
    const Place single{place[0], place[1], 1};
    const auto one = known.find(single);
    const auto other_one = others.find(single);
    if (known.contains(place) || one == known.end() || other_one == others.end()) continue;
    SramPoint point = several;
    const auto scale = [&](double SramPoint::*value) {
      point.*value *= one->second.*value / (other_one->second.*value);
    };
    scale(&SramPoint::read_pj);
    scale(&SramPoint::write_pj);
    scale(&SramPoint::bank_leakage_mw);
    scale(&SramPoint::area_mm2);
    point.tabulated = false;
    estimated.push_back(point);
  }
  return estimated;
}

SramTable::SramTable(std::vector<SramPoint> points) : points_(std::move(points)) {
  if (points_.empty()) throw InputError("no SRAM point of this cell type and node");
  for (const SramPoint& p : points_) {
    const Values values{p.read_pj, p.write_pj, p.bank_leakage_mw, p.area_mm2};
    for (const double value : values) {
      if (!(value > 0) || !std::isfinite(value)) {
        throw InputError("SRAM values must be positive and finite");
      }
    }
    ByCapacity& curve = by_banks_[p.banks][p.width_bits];
    if (!curve.emplace(p.capacity_bytes, values).second) {
      throw InputError("the SRAM point of " + std::to_string(p.capacity_bytes) + " bytes, " +
                       std::to_string(p.width_bits) + " bits, " + std::to_string(p.banks) +
                       " banks appears twice");
    }
    if (!p.tabulated) estimated_.insert({p.banks, p.width_bits, p.capacity_bytes});
  }
}

std::int64_t SramTable::tabulated_banks(std::int64_t capacity_bytes, std::int64_t banks) const {
  std::int64_t best = by_banks_.begin()->first;
  for (const auto& [count, widths] : by_banks_) {
    const std::int64_t smallest = widths.begin()->second.begin()->first;
    if (count <= banks && smallest <= capacity_bytes) best = count;
  }
  return best;
}

SramTable::Values SramTable::values(const ByWidth& widths, double capacity, double width,
                                    bool& exact) {
  const auto& [widest, of_widest] = *widths.rbegin();
  if (width > static_cast<double>(widest)) {
    exact = false;
    const double abreast = width / static_cast<double>(widest);
    Values sum = along_capacity(of_widest, capacity / abreast, exact);
    for (double& value : sum) value *= abreast;
    return sum;
  }
  const auto above = widths.lower_bound(static_cast<std::int64_t>(std::ceil(width)));
  if (static_cast<double>(above->first) != width) exact = false;
  const Values upper = along_capacity(above->second, capacity, exact);
  if (static_cast<double>(above->first) <= width || above == widths.begin()) return upper;
  const auto below = std::prev(above);
  return blend(along_capacity(below->second, capacity, exact), upper,
               position(width, below->first, above->first));
}

SramMacro SramTable::macro(std::int64_t capacity_bytes, std::int64_t width_bits,
                           std::int64_t banks) const {
  ensure(!by_banks_.empty(), "SramTable: no points");
  const std::int64_t tabulated = tabulated_banks(capacity_bytes, banks);
  bool exact = tabulated == banks && !estimated_.contains({tabulated, width_bits, capacity_bytes});
  const auto [read, write, bank_leakage, area] =
      values(by_banks_.at(tabulated), static_cast<double>(capacity_bytes),
             static_cast<double>(width_bits), exact);
  return {read, write, bank_leakage * static_cast<double>(tabulated), area,
          exact ? SramMatch::kExact : SramMatch::kInterpolated};
}

SramMacro SramTable::cheapest(std::int64_t capacity_bytes, std::int64_t word_bits,
                              std::int64_t banks) const {
  SramMacro result = macro(capacity_bytes, word_bits, banks);
  const ByWidth& widths = by_banks_.at(tabulated_banks(capacity_bytes, banks));
  const auto capacity = static_cast<double>(capacity_bytes);
  const auto consider = [&](double width) {
    if (width <= static_cast<double>(word_bits)) return;
    bool exact = true;
    const auto [read, write, leakage, area] = values(widths, capacity, width, exact);
    for (const auto& [value, of_wider] :
         {std::pair(&result.read_pj, read), std::pair(&result.write_pj, write),
          std::pair(&result.area_mm2, area)}) {
      if (of_wider >= *value) continue;
      *value = of_wider;
      result.match = SramMatch::kInterpolated;
    }
  };
  for (const auto& [width, curve] : widths) consider(static_cast<double>(width));
  const auto& [widest, curve] = *widths.rbegin();
  for (const auto& [part, point] : curve) {
    consider(static_cast<double>(widest) * capacity / static_cast<double>(part));
  }
  return result;
}

SramMacro SramTable::buffer(std::int64_t capacity_bytes, std::int64_t word_bits, std::int64_t banks,
                            SramAccess access) const {
  SramMacro result = cheapest(capacity_bytes, word_bits, banks);
  if (access == SramAccess::kBank) {
    const SramMacro bank = cheapest(ceil_div(capacity_bytes, banks), word_bits, 1);
    result.read_pj = bank.read_pj;
    result.write_pj = bank.write_pj;
    result.match = std::max(result.match, bank.match);
  }
  return result;
}

}  // namespace mxsim
