#include "models/energy/sram_table.h"

#include <algorithm>
#include <cmath>

#include "models/core/error.h"
#include "models/core/units.h"

namespace mxsim {
namespace {

constexpr std::int64_t kNarrowestWordBits = 32;
constexpr std::int64_t kWidestWordBits = 1024;

/// A straight line between two points of a log-log plot.
template <class Values>
Values blend(const Values& a, const Values& b, double t) {
  Values result{};
  for (std::size_t i = 0; i < result.size(); ++i) {
    result[i] = std::exp(std::log(a[i]) * (1 - t) + std::log(b[i]) * t);
  }
  return result;
}

double position(std::int64_t x, std::int64_t from, std::int64_t to) {
  return (std::log(static_cast<double>(x)) - std::log(static_cast<double>(from))) /
         (std::log(static_cast<double>(to)) - std::log(static_cast<double>(from)));
}

/// Values along capacity; `exact` is cleared when no point matches.
template <class ByCapacity>
typename ByCapacity::mapped_type along_capacity(const ByCapacity& curve, std::int64_t capacity,
                                                bool& exact) {
  auto above = curve.lower_bound(capacity);
  if (above != curve.end() && above->first == capacity) return above->second;
  exact = false;
  if (above == curve.begin() || curve.size() == 1) return curve.begin()->second;
  if (above == curve.end()) --above;
  const auto below = std::prev(above);
  return blend(below->second, above->second, position(capacity, below->first, above->first));
}

}  // namespace

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

SramMacro SramTable::macro(std::int64_t capacity_bytes, std::int64_t width_bits,
                           std::int64_t banks) const {
  ensure(!by_banks_.empty(), "SramTable: no points");
  const std::int64_t tabulated = tabulated_banks(capacity_bytes, banks);
  const ByWidth& widths = by_banks_.at(tabulated);
  bool exact = tabulated == banks;

  auto above = widths.lower_bound(width_bits);
  if (above == widths.end()) --above;
  if (above->first != width_bits) exact = false;
  Values values = along_capacity(above->second, capacity_bytes, exact);
  if (above->first > width_bits && above != widths.begin()) {
    const auto below = std::prev(above);
    values = blend(along_capacity(below->second, capacity_bytes, exact), values,
                   position(width_bits, below->first, above->first));
  }
  const auto [read, write, bank_leakage, area] = values;
  return {read, write, bank_leakage * static_cast<double>(tabulated), area,
          exact ? SramMatch::kExact : SramMatch::kInterpolated};
}

SramMacro SramTable::buffer(std::int64_t capacity_bytes, std::int64_t word_bits, std::int64_t banks,
                            SramAccess access) const {
  const std::int64_t abreast = ceil_div(word_bits, kWidestWordBits);
  const std::int64_t width = std::max(ceil_div(word_bits, abreast), kNarrowestWordBits);
  const std::int64_t capacity = ceil_div(capacity_bytes, abreast);
  SramMacro result = macro(capacity, width, banks);
  if (access == SramAccess::kBank) {
    const SramMacro bank = macro(ceil_div(capacity, banks), width, 1);
    result.read_pj = bank.read_pj;
    result.write_pj = bank.write_pj;
    result.match = std::max(result.match, bank.match);
  }
  for (double* value : {&result.read_pj, &result.write_pj, &result.leakage_mw, &result.area_mm2}) {
    *value *= static_cast<double>(abreast);
  }
  return result;
}

}  // namespace mxsim
