#pragma once

#include <cstdint>
#include <vector>

#include "models/dram/address_map.h"

namespace mxsim {

/// The order in which the banks of a channel take turns when its bursts come one after another, on
/// a device whose rows are outermost. A turn later everything is as it was with the banks renamed:
/// seen from the turn that a burst lies in, streams at all places look alike.
class BankTurns {
 public:
  /// `period` bursts of the channel lie in rows of one number.
  BankTurns(const DramOrganisation& organisation, const AddressMap& map, int channel,
            std::int64_t period);

  /// From one turn.
  struct View {
    std::vector<int> banks;          ///< in the order of the first turn's banks
    std::vector<int> numbers;        ///< places in that order, by bank
    std::vector<std::int64_t> rows;  ///< from the turn's row to that of the bank, by bank
  };
  /// From the turn of the channel's burst `number`.
  const View& at(std::int64_t number) const {
    return views_[static_cast<std::size_t>(number >> shift_) & (views_.size() - 1)];
  }
  /// Where in its turn a burst lies, as far as views differ.
  std::int64_t phase(std::int64_t number) const {
    return views_.size() == 1 ? 0 : number & ((std::int64_t{1} << shift_) - 1);
  }

 private:
  std::vector<View> views_;
  int shift_ = 0;  ///< log2 of the bursts of a turn
};

}  // namespace mxsim
