#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace mxsim {

/// Loops over the tiles of a GEMM: rows and columns of the result, and the reduction.
enum class Loop : std::uint8_t { kRows, kColumns, kReduction };

/// Nesting of the loops, outermost first.
enum class LoopOrder : std::uint8_t {
  kRowsColumnsReduction,
  kColumnsRowsReduction,
  kRowsReductionColumns,
  kColumnsReductionRows,
  kReductionRowsColumns,
  kReductionColumnsRows,
};

struct LoopOrderInfo {
  LoopOrder order;
  std::string_view name;
  std::array<Loop, 3> loops;  ///< outermost first
};

inline constexpr std::array<LoopOrderInfo, 6> kLoopOrders{{
    {LoopOrder::kRowsColumnsReduction,
     "rows-columns-reduction",
     {Loop::kRows, Loop::kColumns, Loop::kReduction}},
    {LoopOrder::kColumnsRowsReduction,
     "columns-rows-reduction",
     {Loop::kColumns, Loop::kRows, Loop::kReduction}},
    {LoopOrder::kRowsReductionColumns,
     "rows-reduction-columns",
     {Loop::kRows, Loop::kReduction, Loop::kColumns}},
    {LoopOrder::kColumnsReductionRows,
     "columns-reduction-rows",
     {Loop::kColumns, Loop::kReduction, Loop::kRows}},
    {LoopOrder::kReductionRowsColumns,
     "reduction-rows-columns",
     {Loop::kReduction, Loop::kRows, Loop::kColumns}},
    {LoopOrder::kReductionColumnsRows,
     "reduction-columns-rows",
     {Loop::kReduction, Loop::kColumns, Loop::kRows}},
}};

constexpr const LoopOrderInfo& info(LoopOrder order) {
  return kLoopOrders[static_cast<std::size_t>(order)];
}

}  // namespace mxsim
