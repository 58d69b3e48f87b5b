#pragma once

#include <vector>

#include "models/dram/dram_load.h"
#include "models/mapping/chip/mapper_chip.h"

namespace mxsim {

/// How long DRAM works for transfers: as long as the channel with the most work, for other
/// transfers may use the idle ones. The first transfers and a sample of the others are looked at;
/// the rest moves at their pace.
class TransferTimes {
 public:
  /// `load`, which outlives it and nobody else uses meanwhile, is of the chip's DRAM. Without one
  /// DRAM moves its peak.
  TransferTimes(const MapperChip& chip, DramLoad* load);

  /// `moved` bytes in whole bursts.
  void add(const std::vector<DramRun>& runs, std::int64_t moved);
  /// Core cycles of all transfers.
  double sum() const;
  /// Of one transfer.
  double longest() const { return longest_; }

 private:
  DramLoad* load_;
  double core_cycles_;  ///< of a DRAM cycle, or without a load of a byte
  std::int64_t transfers_ = 0;
  std::int64_t moved_ = 0;
  std::int64_t looked_at_ = 0;   ///< bytes
  std::vector<double> busy_{0};  ///< core cycles of the sampled transfers, by channel
  double longest_ = 0;           ///< of a transfer, on its busiest channel
};

}  // namespace mxsim
