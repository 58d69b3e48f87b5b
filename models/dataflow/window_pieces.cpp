#include "models/dataflow/window_pieces.h"

#include <algorithm>
#include <limits>

namespace mxsim {
namespace {

constexpr std::int64_t kNone = std::numeric_limits<std::int64_t>::min();

/// Calls visit(k, left row or kNone) for the positions of one tap.
template <class Visit>
void visit_left_rows(const WindowPositions& p, std::int64_t tap, Visit visit) {
  const std::int64_t h_shift = tap / p.w.taps * p.h.dilation - p.h.pad;
  const std::int64_t w_shift = tap % p.w.taps * p.w.dilation - p.w.pad;
  std::int64_t k = 0;
  for (std::int64_t image = 0; image < p.images; ++image) {
    for (std::int64_t y = p.h.start; y < p.h.start + p.h.count; ++y) {
      const std::int64_t in_y = y * p.h.stride + h_shift;
      const bool is_row = in_y >= 0 && in_y < p.h.in;
      const std::int64_t first = p.a_first + (image * p.h.in + in_y) * p.w.in;
      for (std::int64_t x = p.w.start; x < p.w.start + p.w.count; ++x) {
        const std::int64_t in_x = x * p.w.stride + w_shift;
        visit(k++, is_row && in_x >= 0 && in_x < p.w.in ? first + in_x : kNone);
      }
    }
  }
}

/// Of each element but the first: does another block of the right operand begin with it?
std::vector<bool> right_borders(const WindowPositions& p) {
  std::vector<bool> borders;
  borders.reserve(static_cast<std::size_t>(p.count()));
  std::int64_t before = kNone;
  for (std::int64_t image = 0; image < p.images; ++image) {
    for (std::int64_t y = p.h.start; y < p.h.start + p.h.count; ++y) {
      for (std::int64_t x = p.w.start; x < p.w.start + p.w.count; ++x) {
        const std::int64_t row = p.b_first + image * p.b_image + y * p.w.out + x;
        const std::int64_t block = row / p.b_length;
        borders.push_back(before != kNone && block != before);
        before = block;
      }
    }
  }
  return borders;
}

}  // namespace

WindowPieces::WindowPieces(const WindowPositions& positions) : elements_(positions.count()) {
  const std::vector<bool> right = right_borders(positions);
  ends_.resize(static_cast<std::size_t>(positions.taps() * elements_));
  for (std::int64_t tap = 0; tap < positions.taps(); ++tap) {
    std::int64_t begin = kNone;  // rows of the left block that is open
    std::int64_t end = kNone;
    std::int64_t count = 1;
    visit_left_rows(positions, tap, [&](std::int64_t k, std::int64_t row) {
      bool border = right[static_cast<std::size_t>(k)];
      if (row != kNone && (row < begin || row >= end)) {
        border = border || begin != kNone;
        const std::int64_t block = row / positions.a_length;
        begin = block * positions.a_length;
        end = positions.a_length > std::numeric_limits<std::int64_t>::max() - begin
                  ? std::numeric_limits<std::int64_t>::max()
                  : begin + positions.a_length;
      }
      if (!border) return;
      ends_[static_cast<std::size_t>(tap * elements_ + k - 1)] = true;
      ++count;
    });
    counts_.push_back(count);
  }
}

std::int64_t WindowPieces::count(std::int64_t tap, std::int64_t pass_length) const {
  std::int64_t count = counts_[static_cast<std::size_t>(tap)];
  for (std::int64_t last = pass_length - 1; last < elements_ - 1; last += pass_length) {
    count += ends(tap, last) ? 0 : 1;
  }
  return count;
}

std::shared_ptr<const WindowPieces> WindowPiecesMemo::of(const WindowPositions& positions) {
  constexpr std::int64_t kMostBits = std::int64_t{1} << 28;
  const auto found = pieces_.find(positions);
  if (found != pieces_.end()) return found->second;
  if (held_bits_ > kMostBits) {
    pieces_.clear();
    held_bits_ = 0;
  }
  auto pieces = std::make_shared<const WindowPieces>(positions);
  held_bits_ += positions.taps() * positions.count();
  pieces_.emplace(positions, pieces);
  return pieces;
}

}  // namespace mxsim
