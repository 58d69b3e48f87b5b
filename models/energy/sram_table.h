#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

namespace mxsim {

/// One scratchpad macro as CACTI reports it. Leakage is of one bank, area of the whole macro.
struct SramPoint {
  std::int64_t capacity_bytes = 0;
  std::int64_t width_bits = 0;
  std::int64_t banks = 1;
  double read_pj = 0;   ///< a read of width_bits
  double write_pj = 0;  ///< a write of width_bits
  double bank_leakage_mw = 0;
  double area_mm2 = 0;
  bool tabulated = true;  ///< false: estimated_banks()
};

/// What one access to a buffer of several banks pays. kMacro: CACTI's energy of an access to the
/// whole macro, which is a bank and the way between it and the macro's edge (H-tree). kBank: a
/// macro of one bank's capacity alone; nothing is paid for the way to it.
enum class SramAccess : std::uint8_t { kMacro, kBank };

enum class SramMatch : std::uint8_t { kExact, kInterpolated };

/// A macro of the size asked for.
struct SramMacro {
  double read_pj = 0;
  double write_pj = 0;
  double leakage_mw = 0;  ///< all banks
  double area_mm2 = 0;
  SramMatch match = SramMatch::kExact;
};

/// Macros of several banks that `points` lack, whose cell CACTI was asked for fewer bank counts:
/// the macro of one bank, capacity and width times the ratio between both in the `other` cell.
/// Wires between banks, which make most of that ratio, do not depend on the cell.
std::vector<SramPoint> estimated_banks(const std::vector<SramPoint>& points,
                                       const std::vector<SramPoint>& other);

/// Macros of one cell type and node; exact on the points, between them log-log interpolation along
/// capacity, then width. A bank count that is not tabulated at that capacity is served by the
/// largest one below it. Capacities and widths below the first point cost as much as that point; a
/// capacity beyond the last continues the slope of the last two. Words wider than the widest point
/// lie in macros of that width side by side, which share the capacity; a part of a macro costs its
/// share, so the price is continuous in the width.
class SramTable {
 public:
  /// Throws InputError when there is no point, a point repeats, or a value is not positive.
  explicit SramTable(std::vector<SramPoint> points);
  SramTable() = default;

  SramMacro macro(std::int64_t capacity_bytes, std::int64_t width_bits, std::int64_t banks) const;
  /// A buffer of words of at least `word_bits`. CACTI weighs delay, energy and area when it chooses
  /// subarrays, so a narrower word of the same bytes can cost more than a wider one; a macro of
  /// wider words serves narrower ones too. Energies and area are therefore each the least over the
  /// words at least as wide, which makes a wider word never cheaper. Leakage follows `word_bits`.
  /// Leakage and area are always those of the whole.
  SramMacro buffer(std::int64_t capacity_bytes, std::int64_t word_bits, std::int64_t banks,
                   SramAccess access = SramAccess::kMacro) const;
  const std::vector<SramPoint>& points() const { return points_; }

 private:
  using Values = std::array<double, 4>;  ///< read, write, leakage of a bank, area
  using ByCapacity = std::map<std::int64_t, Values>;
  using ByWidth = std::map<std::int64_t, ByCapacity>;

  std::int64_t tabulated_banks(std::int64_t capacity_bytes, std::int64_t banks) const;
  /// Of one tabulated bank count; clears `exact` between points.
  static Values values(const ByWidth& widths, double capacity, double width, bool& exact);
  SramMacro cheapest(std::int64_t capacity_bytes, std::int64_t word_bits, std::int64_t banks) const;

  std::vector<SramPoint> points_;
  std::map<std::int64_t, ByWidth> by_banks_;
  std::set<std::array<std::int64_t, 3>> estimated_;  ///< banks, width, capacity
};

}  // namespace mxsim
