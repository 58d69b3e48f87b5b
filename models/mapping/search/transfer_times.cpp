#include "models/mapping/search/transfer_times.h"

#include <algorithm>

namespace mxsim {
namespace {

constexpr std::int64_t kFirst = 16;
constexpr std::int64_t kEvery = 37;  // a prime: it does not keep in step with loops over tiles

}  // namespace

TransferTimes::TransferTimes(const MapperChip& chip, DramLoad* load)
    : load_(load), core_cycles_(1 / chip.dram_bytes_per_cycle) {
  if (load_ == nullptr) return;
  load_->reset();
  busy_.assign(static_cast<std::size_t>(load_->channels()), 0);
  core_cycles_ =
      static_cast<double>(chip.around->clock_hz) / static_cast<double>(chip.around->dram.clock_hz);
}

void TransferTimes::add(const std::vector<DramRun>& runs, std::int64_t moved) {
  moved_ += moved;
  const std::int64_t number = transfers_++;
  if (number >= kFirst && number % kEvery != 0) return;
  looked_at_ += moved;
  const auto work = [&](std::size_t channel, double cycles) {
    busy_[channel] += cycles * core_cycles_;
    longest_ = std::max(longest_, cycles * core_cycles_);
  };
  if (load_ == nullptr) return work(0, static_cast<double>(moved));
  load_->clear();
  for (const DramRun& run : runs) load_->add(run);
  for (int channel = 0; channel < load_->channels(); ++channel) {
    work(static_cast<std::size_t>(channel), load_->cycles(channel));
  }
}

double TransferTimes::sum() const {
  if (looked_at_ == 0) return 0;
  return *std::max_element(busy_.begin(), busy_.end()) * static_cast<double>(moved_) /
         static_cast<double>(looked_at_);
}

}  // namespace mxsim
