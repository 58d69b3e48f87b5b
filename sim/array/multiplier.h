#pragma once

#include "sim/array/flow_register.h"

namespace mxsim {

/// What the PEs of an array did.
struct PeActivity {
  std::uint64_t active = 0;  ///< PEs with at least one product in a step
  std::uint64_t macs = 0;    ///< performed or gated
  std::uint64_t gated = 0;
  std::uint64_t block_sums = 0;
  std::uint64_t stationary_loads = 0;
  std::uint64_t stationary_moves = 0;

  PeActivity& operator+=(const PeActivity& other) {
    active += other.active;
    macs += other.macs;
    gated += other.gated;
    block_sums += other.block_sums;
    stationary_loads += other.stationary_loads;
    stationary_moves += other.stationary_moves;
    return *this;
  }
};

/// The datapath of a PE: decodes both operands of every element and adds their product.
template <class Lane>
class Multiplier {
 public:
  /// `across` and `down` decode what comes from the left and from above, and outlive this.
  Multiplier(const SumRule& rule, const OperandDecoder& across, const OperandDecoder& down,
             ZeroGating zero_gating)
      : lane_(rule), across_(across), down_(down), gates_(zero_gating == ZeroGating::kOn) {}

  /// `control`: count and ends of the elements.
  template <int kDot>
  void step(const FlowRegister<kDot>& across, const FlowRegister<kDot>& down,
            const FlowControl& control, PartialSum& sum, PeActivity& activity) const {
    const int count = kDot == 1 ? 1 : control.count;
    for (int e = 0; e < count; ++e) {
      const DecodedOperand a = across_.decode(across.operand[e]);
      const DecodedOperand b = down_.decode(down.operand[e]);
      activity.block_sums += lane_.mac(sum, a, b, control.ends(e));
      if (gates_ && is_gated(a, b)) ++activity.gated;
    }
    activity.macs += static_cast<std::uint64_t>(count);
    ++activity.active;
  }

 private:
  Lane lane_;
  const OperandDecoder& across_;
  const OperandDecoder& down_;
  bool gates_;
};

}  // namespace mxsim
