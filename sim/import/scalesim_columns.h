#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace mxsim {

/// What a column of a SCALE-Sim topology says.
enum class TopologyColumn : std::uint8_t {
  kName,
  kInputHeight,
  kInputWidth,
  kFilterHeight,
  kFilterWidth,
  kChannels,
  kFilters,
  kStride,
  kStrideWidth,
  kBatch,
  kM,
  kN,
  kK,
  kSparsity,
  kCount
};

inline constexpr auto kTopologyColumns = static_cast<std::size_t>(TopologyColumn::kCount);

/// Where each column stands; none: the file lacks it.
class TopologyHeader {
 public:
  /// Convolution columns in SCALE-Sim's order, or GEMM columns (name, M, N, K).
  static TopologyHeader convolution();
  static TopologyHeader gemm();
  /// A title row whose cells name the columns of either kind; nothing for any other row.
  static std::optional<TopologyHeader> read(const std::vector<std::string>& cells);

  bool is_gemm() const { return has(TopologyColumn::kM); }
  bool has(TopologyColumn column) const { return place(column).has_value(); }
  std::optional<std::size_t> place(TopologyColumn column) const {
    return places_[static_cast<std::size_t>(column)];
  }
  /// Columns that every layer has to fill, the name left out.
  std::vector<TopologyColumn> required() const;

 private:
  void put(TopologyColumn column, std::size_t place);
  std::array<std::optional<std::size_t>, kTopologyColumns> places_;
};

/// "IFMAP Height", as SCALE-Sim titles it.
std::string_view title(TopologyColumn column);

}  // namespace mxsim
