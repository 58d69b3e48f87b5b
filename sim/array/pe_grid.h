#pragma once

#include <vector>

#include "sim/array/flow_register.h"

namespace mxsim {

/// A finished `os` result on the drain chain.
struct DrainRegister {
  float value = 0.0F;
  bool valid = false;
};

/// Registers of all PEs of one array; partial sums apart, by slot, since their number depends on
/// the latency. Operand registers as wide as the widest dot product exist once a command needs
/// them.
class PeGrid {
 public:
  PeGrid(std::int64_t row_count, std::int64_t col_count, std::int64_t latency)
      : rows(row_count),
        cols(col_count),
        mac_latency(latency),
        single_(static_cast<std::size_t>(rows * cols)),
        sums_(static_cast<std::size_t>((latency + 1) * rows * cols)),
        drains_(static_cast<std::size_t>(latency * rows * cols)) {}

  template <int kDot>
  PeRegisters<kDot>* row(std::int64_t i) {
    return registers<kDot>().data() + i * cols;
  }
  PartialSum* sum_row(std::int64_t slot, std::int64_t i) {
    return sums_.data() + (slot * rows + i) * cols;
  }
  DrainRegister& drain(std::int64_t i, std::int64_t j, std::int64_t group) {
    return drains_[static_cast<std::size_t>((j * rows + i) * mac_latency + group)];
  }
  /// Empties the PEs of the first `used_rows` x `used_cols` for a command with such registers.
  template <int kDot>
  void clear(std::int64_t used_rows, std::int64_t used_cols) {
    is_wide_ = kDot > 1;
    if (is_wide_) wide_.resize(single_.size());
    for (std::int64_t i = 0; i < used_rows; ++i) {
      std::fill_n(row<kDot>(i), used_cols, PeRegisters<kDot>{});
    }
  }
  /// Whether the last command used the wide registers.
  bool is_wide() const { return is_wide_; }

  const std::int64_t rows;
  const std::int64_t cols;
  const std::int64_t mac_latency;

 private:
  template <int kDot>
  std::vector<PeRegisters<kDot>>& registers() {
    if constexpr (kDot == 1) {
      return single_;
    } else {
      return wide_;
    }
  }

  std::vector<PeRegisters<1>> single_;
  std::vector<PeRegisters<kWidestDotProduct>> wide_;
  bool is_wide_ = false;
  std::vector<PartialSum> sums_;
  std::vector<DrainRegister> drains_;
};

}  // namespace mxsim
