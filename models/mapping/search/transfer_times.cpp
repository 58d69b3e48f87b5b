#include "models/mapping/search/transfer_times.h"

#include <algorithm>

namespace mxsim {
namespace {

constexpr std::int64_t kFirst = 16;
constexpr std::int64_t kEvery = 37;  // a prime: it does not keep in step with loops over tiles

}  // namespace

TransferTimes::TransferTimes(const MapperChip& chip) : core_cycles_(1 / chip.dram_bytes_per_cycle) {
  if (!chip.around) return;
  load_.emplace(chip.around->dram);
  core_cycles_ =
      static_cast<double>(chip.around->clock_hz) / static_cast<double>(chip.around->dram.clock_hz);
}

void TransferTimes::add(const std::vector<DramRun>& runs, std::int64_t moved) {
  moved_ += moved;
  const std::int64_t number = transfers_++;
  if (number >= kFirst && number % kEvery != 0) return;
  auto busy = static_cast<double>(moved);
  if (load_) {
    load_->clear();
    for (const DramRun& run : runs) load_->add(run);
    busy = load_->cycles();
  }
  looked_at_ += moved;
  busy_ += busy * core_cycles_;
  longest_ = std::max(longest_, busy * core_cycles_);
}

double TransferTimes::sum() const {
  if (looked_at_ == 0) return 0;
  return busy_ * static_cast<double>(moved_) / static_cast<double>(looked_at_);
}

}  // namespace mxsim
