#include "sim/array/wavefront.h"

#include "models/core/error.h"

namespace mxsim {

Wavefront::Wavefront(std::int64_t lanes, std::int64_t skew)
    : skew_(skew), lanes_(static_cast<std::size_t>(lanes)) {}

void Wavefront::add(std::int64_t pass, std::int64_t start, std::int64_t length) {
  ensure(windows_.empty() || start >= windows_.back().start + windows_.back().length,
         "two passes use one lane of the array at a time");
  windows_.push_back({pass, start, length});
}

Wavefront::Place Wavefront::at(std::int64_t lane, std::int64_t step) {
  std::int64_t& current = lanes_[static_cast<std::size_t>(lane)];
  const std::int64_t local = step - lane * skew_;
  while (current - retired_ < static_cast<std::int64_t>(windows_.size())) {
    const Window& window = windows_[static_cast<std::size_t>(current - retired_)];
    if (local < window.start) return {};
    if (local < window.start + window.length) return {window.pass, local - window.start};
    ++current;
    // The last lane is the latest: what it has passed, all have. The newest window stays for add().
    while (windows_.size() > 1 && lanes_.back() > retired_) {
      windows_.pop_front();
      ++retired_;
    }
  }
  return {};
}

}  // namespace mxsim
